"""The partner's own workbook sent back with what is wrong: a first sheet listing it, a comment on each cell."""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur import style
from echanges.classeur.garde import controler_paquet
from echanges.classeur.octets import en_octets
from echanges.classeur.xml_borne import COLONNES_MAX, LIGNES_MAX, coordonnees
from regles.anomalies import Anomalie, Severite
from regles.formulaire import FEUILLE_ANOMALIES

COMMENTAIRES_MAX = 500  # beyond, spreadsheets become slow to open, and nobody reads them
AUTEUR = "Caf, contrôle du classeur"
FONDS = {
    Severite.BLOQUANTE: style.FOND_BLOQUANT,
    Severite.ALERTE: style.FOND_ALERTE,
    Severite.INFORMATION: style.FOND_INFORMATION,
}
LIBELLES = {
    Severite.BLOQUANTE: "À corriger",
    Severite.ALERTE: "À vérifier ou à expliquer",
    Severite.INFORMATION: "Pour information",
}
COLONNES = (("N°", 6.0), ("Gravité", 16.0), ("Où", 34.0), ("Ce qui ne va pas", 66.0), ("Lu", 22.0), ("Attendu", 46.0))
AVERTISSEMENT = (
    "Ceci est une copie de votre classeur. Les zones de texte et les images n'y sont pas reprises, et les résultats "
    "des formules reviennent à l'ouverture dans un tableur. Vous pouvez corriger ici, ou dans votre propre fichier."
)
SANS_COPIE = (
    "Votre classeur n'a pas pu être recopié ici (mise en forme inhabituelle) : voici la liste seule. Corrigez dans "
    "votre propre fichier."
)
_LIGNE_ENTETES = 5

Endroit = tuple[str, str]


def annoter(octets: bytes, anomalies: Sequence[Anomalie], questions: Mapping[str, str] | None = None) -> bytes:
    """Annotate a copy of a workbook (the list alone when it cannot be copied); the same arguments give the same bytes.

    Each located cell gets a colour and a comment (at most `COMMENTAIRES_MAX`); a first sheet lists every anomaly with a
    link to its cell, and the words of its question when `questions` has them by key. Marks of an earlier annotation
    are taken away. Untrusted bytes go through `copie.annoter_a_part`.

    Raises:
        FichierRefuse: when the guard does not let the workbook be opened.
    """
    controler_paquet(octets)
    try:
        classeur, avertissement = load_workbook(io.BytesIO(octets), keep_links=False), AVERTISSEMENT
    except Exception:
        classeur, avertissement = Workbook(), SANS_COPIE
        del classeur[classeur.sheetnames[0]]
    _retirer_les_marques(classeur)
    situees = [(anomalie, _cellule(classeur, anomalie)) for anomalie in anomalies]
    tronquee = _commenter(situees) > COMMENTAIRES_MAX
    _lister(classeur, situees, avertissement, questions or {}, tronquee=tronquee)
    return en_octets(classeur)


def _cellule(classeur: Workbook, anomalie: Anomalie) -> Cell | None:
    lieu = coordonnees(anomalie.cellule)
    feuille = next((feuille for feuille in classeur.worksheets if feuille.title == anomalie.feuille), None)
    if feuille is None or lieu is None or lieu[0] > LIGNES_MAX or lieu[1] > COLONNES_MAX:
        return None
    for plage in feuille.merged_cells.ranges:
        if anomalie.cellule in plage:
            lieu = plage.min_row, plage.min_col
    cellule = feuille.cell(*lieu)
    return cellule if isinstance(cellule, Cell) else None


def _retirer_les_marques(classeur: Workbook) -> None:
    if FEUILLE_ANOMALIES in classeur.sheetnames and len(classeur.sheetnames) > 1:
        del classeur[FEUILLE_ANOMALIES]
    for feuille in classeur.worksheets:
        # The existing cells only: walking the rows would create every cell of a sheet, styled to its last column.
        for cellule in feuille._cells.values():
            if isinstance(cellule, Cell) and cellule.comment is not None and cellule.comment.author == AUTEUR:
                cellule.comment = None
                cellule.fill = style.SANS_FOND if cellule.protection.locked else style.FOND_SAISIE


def _commenter(situees: Sequence[tuple[Anomalie, Cell | None]]) -> int:
    """Mark the cells and give how many there are."""
    par_cellule: dict[Cell, list[Anomalie]] = {}
    for anomalie, cellule in situees:
        if cellule is not None:
            par_cellule.setdefault(cellule, []).append(anomalie)
    for rang, (cellule, constats) in enumerate(par_cellule.items()):
        pire = min((c.severite for c in constats), key=list(Severite).index)
        cellule.fill = FONDS[pire]
        if rang < COMMENTAIRES_MAX:
            texte = "\n\n".join(_commentaire(c) for c in constats)
            if cellule.comment is not None:
                texte += f"\n\n(commentaire déjà présent)\n{cellule.comment.text}"
            propre = style.nettoyer(texte)
            cellule.comment = Comment(propre, AUTEUR, height=int(style.hauteur([(propre, 44)]) * 1.4) + 20, width=320)
    return len(par_cellule)


def _commentaire(anomalie: Anomalie) -> str:
    lignes = [f"{LIBELLES[anomalie.severite]} : {anomalie.message}"]
    if anomalie.lu:
        lignes.append(f"Lu : {anomalie.lu}")
    if anomalie.attendu:
        lignes.append(f"Attendu : {anomalie.attendu}")
    return "\n".join(lignes)


def _lister(
    classeur: Workbook,
    situees: Sequence[tuple[Anomalie, Cell | None]],
    avertissement: str,
    questions: Mapping[str, str],
    *,
    tronquee: bool,
) -> None:
    feuille: Worksheet = classeur.create_sheet(FEUILLE_ANOMALIES, 0)
    for lettre, (_, largeur) in zip("ABCDEF", COLONNES, strict=True):
        feuille.column_dimensions[lettre].width = largeur
    style.bandeau(feuille, 1, "A:F", _titre([a for a, _ in situees]), style.FOND_TITRE, style.BLANC_GRAS)
    style.bandeau(feuille, 2, "A:F", avertissement, style.FOND_SECTION, style.AIDE)
    feuille.row_dimensions[1].height, feuille.row_dimensions[2].height = 24, 32
    if tronquee:
        texte = f"Seules les {COMMENTAIRES_MAX} premières cases portent un commentaire ; toutes sont listées ici."
        style.bandeau(feuille, 3, "A:F", texte, style.FOND_ALERTE, style.GRAS)
    for colonne, (titre, _) in enumerate(COLONNES, start=1):
        cellule = feuille.cell(_LIGNE_ENTETES, colonne)
        style.ecrire_texte(cellule, titre)
        cellule.font, cellule.fill, cellule.alignment = style.BLANC_GRAS, style.FOND_TITRE, style.CENTRE
    for rang, (anomalie, cible) in enumerate(situees, start=1):
        _ligne(feuille, _LIGNE_ENTETES + rang, rang, (anomalie, questions.get(anomalie.champ, "")), cible)
    feuille.freeze_panes = f"A{_LIGNE_ENTETES + 1}"
    style.mettre_en_page(feuille, f"A1:F{feuille.max_row}", f"{_LIGNE_ENTETES}:{_LIGNE_ENTETES}", FEUILLE_ANOMALIES)
    for autre in classeur.worksheets:
        autre.sheet_view.tabSelected = False
    classeur.active = 0
    feuille.sheet_view.tabSelected = True


def _titre(anomalies: Sequence[Anomalie]) -> str:
    bloquantes = sum(a.est_bloquante for a in anomalies)
    if bloquantes:
        points = "1 point est à corriger" if bloquantes == 1 else f"{bloquantes} points sont à corriger"
        return f"{points} avant que la déclaration soit prise en compte"
    return "Rien à corriger" + (" : quelques points à vérifier ou à expliquer" if anomalies else "")


def _ligne(feuille: Worksheet, ligne: int, rang: int, point: tuple[Anomalie, str], cible: Cell | None) -> None:
    anomalie, question = point
    ou = f"{anomalie.feuille} {anomalie.cellule}".strip() or "Le classeur entier"
    if question:
        ou = f"{ou}\n{question}"
    textes = (LIBELLES[anomalie.severite], ou, anomalie.message, anomalie.lu, anomalie.attendu)
    numero = feuille.cell(ligne, 1, rang)
    numero.alignment, numero.border = style.CENTRE, style.CADRE
    for colonne, texte in enumerate(textes, start=2):
        cellule = feuille.cell(ligne, colonne)
        style.ecrire_texte(cellule, texte)
        cellule.font, cellule.alignment, cellule.border = style.NORMALE, style.RENVOI, style.CADRE
    feuille.cell(ligne, 2).fill = FONDS[anomalie.severite]
    if cible is not None:
        lien = feuille.cell(ligne, 3)
        nom = cible.parent.title.replace("'", "''")
        lien.hyperlink = Hyperlink(
            ref=lien.coordinate, location=f"'{nom}'!{cible.coordinate}", tooltip="Aller à la case"
        )
        lien.font = style.LIEN
    largeurs = [largeur for _, largeur in COLONNES[1:]]
    feuille.row_dimensions[ligne].height = style.hauteur(list(zip(textes, largeurs, strict=True)))

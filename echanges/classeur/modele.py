"""The form a partner fills: readable, printable, protected, with last year's value beside each cell."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Protection
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur import style
from echanges.classeur.octets import en_octets
from echanges.classeur.style import Habit, habiller
from regles import formulaire as f
from regles.champs import Champ, Formulaire, TypeChamp
from regles.dates import en_toutes_lettres
from regles.grille import adresse
from regles.monnaie import INSECABLE, formater_nombre

LARGEURS: Mapping[int, float] = {
    f.COLONNE_CLE: 9,
    f.COLONNE_LIBELLE: 46,
    f.COLONNE_SAISIE: 18,
    f.COLONNE_UNITE: 9,
    f.COLONNE_REFERENCE: 18,
    f.COLONNE_AIDE: 74,
}
LARGEURS_IDENTITE = {"C": 50, "D": 12, "E": 2, "F": 2}
ETENDUE = "B:F"
MENTION = "données inventées : ce classeur ne vaut pas déclaration"
CONSIGNE = (
    "une réponse dans chaque case jaune. Écrivez 0 quand il n'y a rien : une case vide est une réponse manquante."
)
AIDE_TOTAL = "Calculé par le classeur : rien à écrire ici."
ILLIMITE = "1000000000000"
DISTINGUE = ("type", "formula1", "formula2", "error")  # what tells one input rule from another
_DROITE = Alignment(horizontal="right", vertical="center", indent=1)
_GAUCHE = Alignment(horizontal="left", vertical="center")

ENTETE = Habit(style.BLANC_GRAS, style.FOND_TITRE, alignement=style.CENTRE)
TEXTE = Habit(cadre=style.SOULIGNE)
CLE = Habit(style.DISCRETE, cadre=style.SOULIGNE, alignement=Alignment(vertical="center"))
QUESTION, DONT = (
    Habit(
        cadre=style.SOULIGNE,
        alignement=Alignment(wrap_text=True, vertical="center", horizontal="left", indent=retrait),
    )
    for retrait in (0, 2)
)
UNITE = Habit(cadre=style.SOULIGNE, alignement=style.CENTRE)
AIDE = Habit(style.AIDE, cadre=style.SOULIGNE, alignement=style.RETRAIT)
RAPPEL = Habit(style.RAPPEL, style.FOND_RAPPEL, style.SOULIGNE, _DROITE)
SAISIE = Habit(fond=style.FOND_SAISIE, cadre=style.CADRE, alignement=_DROITE, protection=Protection(locked=False))
TOTAL = Habit(style.GRAS, style.FOND_RAPPEL, style.CADRE, _DROITE)
TITRE_DE_TOTAL = Habit(style.GRAS, cadre=style.SOULIGNE)
UNITE_DE_TOTAL = Habit(style.GRAS, cadre=style.SOULIGNE, alignement=style.CENTRE)
CONNU, CONNU_EN_NOMBRE = (
    Habit(style.GRAS, style.FOND_RAPPEL, style.SOULIGNE, alignement) for alignement in (style.RENVOI, _GAUCHE)
)
NUMERO = Habit(style.GRAS, cadre=style.SOULIGNE, alignement=Alignment(horizontal="center", vertical="top"))
CONSEIL = Habit(cadre=style.SOULIGNE, alignement=Alignment(wrap_text=True, vertical="top"))

Valeur = str | int | bool


def produire_classeur(
    plan: f.PlanClasseur,
    formulaire: Formulaire,
    identite: Mapping[str, str | int],
    reference: Mapping[str, Valeur],
    mention: str,
    nature: str,
    exercice: int,
    *,
    limite: date | None = None,
    contact: str = "",
) -> bytes:
    """Make the workbook of a structure; the same arguments give the same bytes.

    `identite`: values by key of the plan's identity rows. `reference`: last year's réel by field key, as stored
    (integers, booleans, decimal texts). `mention`: "" or the word that says figures are invented. `limite`: last day
    included. Only the cells to fill are unlocked; the protection has no password.
    """
    libelle = f"{f.LIBELLES_NATURE[nature]} {exercice}"
    entete = (f"{identite.get('nom', '')} ({identite.get('structure', '')})", libelle, mention)
    classeur = Workbook()
    _lisez_moi(classeur, plan, formulaire, entete, limite, contact)
    _identite(classeur, plan, formulaire, identite, entete)
    for nom in plan.feuilles:
        _feuille(classeur, plan, nom, reference, entete, exercice)
    for feuille in classeur.worksheets:
        feuille.protection.sheet = True
        feuille.protection.formatColumns = feuille.protection.formatRows = False
    classeur.security = WorkbookProtection(lockStructure=True)
    classeur.properties.title = f"{formulaire.prestation}, {libelle}, {identite.get('structure', '')}"
    classeur.properties.creator, classeur.properties.language = "Caf", "fr-FR"
    return en_octets(classeur)


Entete = tuple[str, str, str]


def _preparer(classeur: Workbook, nom: str, titre: str, entete: Entete, derniere: int) -> Worksheet:
    structure, libelle, mention = entete
    feuille: Worksheet = classeur.create_sheet(nom)
    for colonne, largeur in LARGEURS.items():
        feuille.column_dimensions[adresse(1, colonne)[:-1]].width = largeur
    style.bandeau(feuille, f.LIGNE_TITRE, ETENDUE, f"{titre} – {libelle}", style.FOND_TITRE, style.BLANC_GRAS)
    style.bandeau(feuille, f.LIGNE_SOUS_TITRE, ETENDUE, structure, style.FOND_SECTION, style.GRAS)
    if mention:
        texte = f"{mention} – {MENTION}"
        style.bandeau(feuille, f.LIGNE_MENTION, ETENDUE, texte, style.FOND_MENTION, style.BLANC_GRAS)
    for ligne in (f.LIGNE_TITRE, f.LIGNE_SOUS_TITRE, f.LIGNE_MENTION):
        feuille.row_dimensions[ligne].height = 21
    feuille.freeze_panes = adresse(f.PREMIERE_LIGNE, f.COLONNE_SAISIE)
    zone = f"{adresse(1, f.COLONNE_LIBELLE)}:{adresse(derniere, f.COLONNE_AIDE)}"
    style.mettre_en_page(feuille, zone, f"1:{f.LIGNE_ENTETES}", f"{mention} {structure} – {libelle}".strip())
    return feuille


def _entetes(feuille: Worksheet, titres: Mapping[int, str]) -> None:
    for colonne in range(f.COLONNE_LIBELLE, f.COLONNE_AIDE + 1):
        cellule = feuille.cell(f.LIGNE_ENTETES, colonne)
        habiller(cellule, ENTETE)
        style.ecrire_texte(cellule, titres.get(colonne, ""))
    feuille.row_dimensions[f.LIGNE_ENTETES].height = 32


def _texte(feuille: Worksheet, ligne: int, colonne: int, texte: str, habit: Habit = TEXTE) -> Cell | MergedCell:
    cellule = feuille.cell(ligne, colonne)
    habiller(cellule, habit)
    style.ecrire_texte(cellule, texte)
    return cellule


def _feuille(
    classeur: Workbook,
    plan: f.PlanClasseur,
    nom: str,
    reference: Mapping[str, Valeur],
    entete: Entete,
    exercice: int,
) -> None:
    champs = [ligne for ligne in plan.champs if ligne.feuille == nom]
    totaux = [ligne for ligne in plan.totaux if ligne.feuille == nom]
    feuille = _preparer(classeur, nom, nom, entete, max([li.ligne for li in champs] + [li.ligne for li in totaux]))
    _entetes(
        feuille,
        {
            f.COLONNE_LIBELLE: "Question",
            f.COLONNE_SAISIE: "Votre réponse",
            f.COLONNE_UNITE: "Unité",
            f.COLONNE_REFERENCE: f"Pour mémoire :\nréel {exercice - 1}",
            f.COLONNE_AIDE: "Aide",
        },
    )
    for section in plan.sections:
        if section.feuille == nom:
            style.bandeau(feuille, section.ligne, ETENDUE, section.titre, style.FOND_SECTION, style.GRAS)
            feuille.row_dimensions[section.ligne].height = 20
    for ligne in champs:
        _champ(feuille, ligne, reference.get(ligne.champ.cle))
    for total in totaux:
        _total(feuille, total, avec_reference=any(ligne.champ.cle in reference for ligne in champs))


def _champ(feuille: Worksheet, ligne: f.LigneChamp, reference: Valeur | None) -> None:
    champ, rang = ligne.champ, ligne.ligne
    _texte(feuille, rang, f.COLONNE_CLE, champ.cle, CLE)
    libelle = _texte(feuille, rang, f.COLONNE_LIBELLE, champ.libelle, DONT if champ.dont_de else QUESTION)
    libelle.number_format = _format_libelle(champ)
    _texte(feuille, rang, f.COLONNE_UNITE, champ.unite, UNITE)
    _texte(feuille, rang, f.COLONNE_AIDE, champ.aide, AIDE)
    rappel, saisie = feuille.cell(rang, f.COLONNE_REFERENCE), feuille.cell(rang, f.COLONNE_SAISIE)
    habiller(rappel, RAPPEL)
    habiller(saisie, SAISIE)
    rappel.number_format = saisie.number_format = format_nombre(champ)
    if reference is not None:
        rappel.value = _valeur(champ, reference)
    _valider(feuille, champ, saisie.coordinate)
    feuille.row_dimensions[rang].height = style.hauteur(
        [(champ.libelle, LARGEURS[f.COLONNE_LIBELLE] - 8), (champ.aide, LARGEURS[f.COLONNE_AIDE] * 1.1)]
    )


def _format_libelle(champ: Champ) -> str:
    """Show the account before a label, and that an answer is optional after it; the cell holds the label alone."""
    avant = f'"{champ.compte} – "' if champ.compte else ""
    apres = "" if champ.obligatoire else '" (facultatif)"'
    return f"{avant}@{apres}"


def format_nombre(champ: Champ) -> str:
    """Give the number format of a field's values."""
    match champ.type:
        case TypeChamp.ENTIER:
            return "#,##0"
        case TypeChamp.EUROS:
            return "#,##0.00"
        case TypeChamp.DECIMAL:
            return f"#,##0.{'0' * champ.decimales}" if champ.decimales else "#,##0"
        case _:
            return "General"


def _valeur(champ: Champ, brute: Valeur) -> str | int | Decimal:
    match champ.type:
        case TypeChamp.OUI_NON:
            return "Oui" if brute else "Non"
        case TypeChamp.TEXTE:
            return str(brute)
        case _:
            return Decimal(brute)


def _valider(feuille: Worksheet, champ: Champ, coordonnee: str) -> None:
    """Hold a cell to its input rule, the one already there when another field has the same."""
    voulue = valider_saisie(champ)
    posees = feuille.data_validations.dataValidation
    regle = next((r for r in posees if all(getattr(r, nom) == getattr(voulue, nom) for nom in DISTINGUE)), None)
    if regle is None:
        feuille.add_data_validation(regle := voulue)
    regle.add(coordonnee)


def valider_saisie(champ: Champ) -> DataValidation:
    """Make the input rule of a field, with its French refusal."""
    if champ.type is TypeChamp.OUI_NON:
        regle = DataValidation(type="list", formula1='"Oui,Non"', allow_blank=True)
        regle.error = "Répondez par Oui ou par Non (liste de la case)."
    else:
        entier = champ.type is TypeChamp.ENTIER
        regle = DataValidation(type="whole" if entier else "decimal", operator="between", allow_blank=True)
        regle.formula1 = f"-{ILLIMITE}" if champ.minimum is None else f"{champ.minimum:f}"
        regle.formula2 = ILLIMITE if champ.maximum is None else f"{champ.maximum:f}"
        regle.error = f"Écrivez un nombre{' entier' if entier else ''}{_bornes(champ)}, sans texte ni unité."
    regle.errorTitle = "Réponse à corriger"
    regle.errorStyle, regle.showErrorMessage = "stop", True
    return regle


def _bornes(champ: Champ) -> str:
    minimum = "" if champ.minimum is None else formater_nombre(champ.minimum)
    maximum = "" if champ.maximum is None else formater_nombre(champ.maximum)
    unite = f"{INSECABLE}{champ.unite}" if champ.unite else ""
    if minimum and maximum:
        return f" entre {minimum} et {maximum}{unite}"
    if minimum:
        return f" d'au moins {minimum}{unite}"
    return f" d'au plus {maximum}{unite}" if maximum else ""


def _total(feuille: Worksheet, total: f.LigneTotal, *, avec_reference: bool) -> None:
    _texte(feuille, total.ligne, f.COLONNE_LIBELLE, total.libelle, TITRE_DE_TOTAL)
    _texte(feuille, total.ligne, f.COLONNE_UNITE, total.unite, UNITE_DE_TOTAL)
    _texte(feuille, total.ligne, f.COLONNE_AIDE, AIDE_TOTAL, AIDE)
    for colonne in (f.COLONNE_SAISIE, f.COLONNE_REFERENCE):
        cellule = feuille.cell(total.ligne, colonne)
        habiller(cellule, TOTAL)
        cellule.number_format = "#,##0.00"
        if colonne == f.COLONNE_SAISIE or avec_reference:
            cellule.value = f"=SUM({','.join(total.plages(colonne))})"
    feuille.row_dimensions[total.ligne].height = 22


def _identite(
    classeur: Workbook,
    plan: f.PlanClasseur,
    formulaire: Formulaire,
    identite: Mapping[str, str | int],
    entete: Entete,
) -> None:
    feuille = _preparer(classeur, f.FEUILLE_IDENTITE, f.FEUILLE_IDENTITE, entete, plan.identite[-1].ligne)
    _entetes(
        feuille, {f.COLONNE_LIBELLE: "Ce que la Caf connaît", f.COLONNE_SAISIE: "Valeur", f.COLONNE_UNITE: "Unité"}
    )
    for lettre, largeur in LARGEURS_IDENTITE.items():
        feuille.column_dimensions[lettre].width = largeur
    caf = {champ.cle: champ for champ in formulaire.champs}
    for ligne in plan.identite:
        champ, brute = caf.get(ligne.cle), identite.get(ligne.cle)
        _texte(feuille, ligne.ligne, f.COLONNE_CLE, ligne.cle, CLE)
        _texte(feuille, ligne.ligne, f.COLONNE_LIBELLE, ligne.libelle)
        _texte(feuille, ligne.ligne, f.COLONNE_UNITE, champ.unite if champ else "", UNITE)
        valeur = feuille.cell(ligne.ligne, f.COLONNE_SAISIE)
        if champ is not None and champ.type is not TypeChamp.TEXTE and brute is not None:
            habiller(valeur, CONNU_EN_NOMBRE)
            valeur.value, valeur.number_format = _valeur(champ, brute), "General"
        elif isinstance(brute, int):
            habiller(valeur, CONNU_EN_NOMBRE)
            valeur.value, valeur.number_format = brute, "0"
        else:
            habiller(valeur, CONNU)
            style.ecrire_texte(valeur, "" if brute is None else str(brute))
            valeur.number_format = "@"
        feuille.row_dimensions[ligne.ligne].height = 20


def _lisez_moi(
    classeur: Workbook,
    plan: f.PlanClasseur,
    formulaire: Formulaire,
    entete: Entete,
    limite: date | None,
    contact: str,
) -> None:
    structure, libelle, mention = entete
    feuille = classeur.active
    if not isinstance(feuille, Worksheet):
        raise TypeError("un classeur neuf a une feuille de calcul")
    feuille.title = f.FEUILLE_LISEZ_MOI
    feuille.column_dimensions["A"].width, feuille.column_dimensions["B"].width = 5, 110
    style.bandeau(feuille, 1, "A:B", f"{formulaire.libelle} – {libelle}", style.FOND_TITRE, style.BLANC_GRAS)
    style.bandeau(feuille, 2, "A:B", structure, style.FOND_SECTION, style.GRAS)
    if mention:
        style.bandeau(feuille, 3, "A:B", f"{mention} – {MENTION}", style.FOND_MENTION, style.BLANC_GRAS)
    if limite is not None:
        delai = f"À déposer au plus tard le {en_toutes_lettres(limite)}, ce jour compris."
        style.bandeau(feuille, 4, "A:B", delai, style.FOND_SAISIE, style.GRAS)
    for ligne in range(1, 5):
        feuille.row_dimensions[ligne].height = 24
    for rang, consigne in enumerate(_consignes(plan, contact), start=1):
        ligne = 5 + rang
        _texte(feuille, ligne, 1, f"{rang}.", NUMERO)
        _texte(feuille, ligne, 2, consigne, CONSEIL)
        feuille.row_dimensions[ligne].height = style.hauteur([(consigne, 105)]) + 4
    style.mettre_en_page(feuille, f"A1:B{feuille.max_row}", "", f"Version du formulaire : {formulaire.version}")


def _consignes(plan: f.PlanClasseur, contact: str) -> list[str]:
    feuilles = ", ".join(f"« {nom} »" for nom in plan.feuilles)
    ecrire = f" à {contact}" if contact else " à la Caf"
    return [
        f"Relisez la feuille « {f.FEUILLE_IDENTITE} ». Si quelque chose n'est plus exact, n'y touchez pas : "
        f"écrivez{ecrire}.",
        f"Remplissez les feuilles {feuilles} : {CONSIGNE}",
        "À droite de chaque case : son unité, la valeur que la Caf connaît pour l'année précédente, et une aide.",
        "Les montants sont en euros et les heures en heures décimales, pour l'année entière : une demi-heure s'écrit "
        "0,5. Écrivez des nombres, sans texte ni unité.",
        "N'écrivez jamais le nom d'un enfant ou d'une famille dans ce classeur.",
        "Gardez les feuilles, les lignes et la première colonne comme elles sont : c'est par elles que vos réponses "
        "sont retrouvées. Les totaux se calculent seuls.",
        "Enregistrez au format « Classeur Excel (.xlsx) », sans mot de passe, puis déposez ce fichier. Si une "
        "réponse est à corriger, la Caf vous renvoie votre classeur avec chaque case annotée.",
        f"Une question ? Écrivez{ecrire}.",
    ]

"""The list of the rappels as a workbook: a line a right, before and after, totals, and apart what nothing settles."""

from decimal import Decimal

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from echanges.simulation import NATURES, mettre_en_forme
from regles.dates import en_chiffres
from regles.monnaie import en_euros
from regles.rappels import LigneRappel, ListeRappels

COLONNES = (
    "Structure", "Nom", "Gestionnaire", "Prestation", "Exercice", "Déclaration", "Étape de paiement",
    "Droit connu le", "Droit avant", "Droit après", "Différence", "Déjà réglé", "À avoir réglé",
    "À payer (−\u00a0: à recouvrer)", "Pourquoi",
)  # fmt: skip
LARGEURS = (12, 34, 34, 20, 10, 15, 22, 14, 16, 16, 16, 16, 16, 16, 90)
COLONNES_A_PART = ("Structure", "Nom", "Prestation", "Exercice", "Pourquoi")


def rappels_xlsx(liste: ListeRappels) -> bytes:
    """Write the list as a workbook; the same list gives the same bytes."""
    classeur = Workbook()
    rappels, a_part = classeur.create_sheet("Rappels", 0), classeur.create_sheet("À part", 1)
    del classeur[classeur.sheetnames[2]]
    for titre, texte in _entete(liste):
        rappels.append([titre, texte])
        rappels.cell(rappels.max_row, 1).font = Font(bold=True)
    rappels.append([])
    rappels.append(list(COLONNES))
    titres = rappels.max_row
    for ligne in liste.lignes:
        rappels.append(_cellules(ligne))
    _totaliser(rappels, liste)
    a_part.append(list(COLONNES_A_PART))
    for autre in liste.a_part:
        a_part.append([autre.structure, autre.nom, autre.prestation, autre.exercice, " ; ".join(autre.motifs)])
    mettre_en_forme(rappels, [titres], LARGEURS)
    mettre_en_forme(a_part, [1], (12, 34, 20, 10, 110))
    rappels.freeze_panes = f"C{titres + 1}"
    return en_octets(classeur)


def _entete(liste: ListeRappels) -> list[tuple[str, str]]:
    entete = [
        ("Rappels", ", ".join(map(str, liste.exercices))),
        ("Prestations", ", ".join(liste.prestations) or "toutes"),
        ("Connu le", en_chiffres(liste.connu_le)),
        ("Empreinte", liste.empreinte),
    ]
    return [(liste.mention, "montants inventés, à ne pas payer"), *entete] if liste.mention else entete


def _cellules(ligne: LigneRappel) -> list[str | int | Decimal]:
    montants = (
        ligne.avant_centimes, ligne.apres_centimes, ligne.difference_centimes, ligne.regle_centimes,
        ligne.cible_centimes, ligne.signe_centimes,
    )  # fmt: skip
    return [
        ligne.structure,
        ligne.nom,
        ligne.gestionnaire,
        ligne.prestation,
        ligne.exercice,
        NATURES[ligne.nature],
        ligne.etape,
        en_chiffres(ligne.connu_avant),
        *map(en_euros, montants),
        ligne.motif,
    ]


def _totaliser(feuille: Worksheet, liste: ListeRappels) -> None:
    totaux = (liste.avant_centimes, liste.apres_centimes, liste.difference_centimes)
    reste = liste.a_payer_centimes - liste.a_recouvrer_centimes
    feuille.append(["TOTAL", *[None] * 7, *map(en_euros, totaux), None, None, en_euros(reste)])
    for cellule in feuille[feuille.max_row]:
        cellule.font = Font(bold=True)

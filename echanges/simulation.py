"""A simulation to print or to work on: one HTML page, one workbook, from the same values, each marked as what it is."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from echanges.classeur.octets import en_octets
from echanges.graphiques import LARGEUR, MARGE_BARRES, groupes_de_barres, histogramme
from echanges.pages import GABARITS
from regles.monnaie import en_euros, formater_euros
from regles.simulation import formater_ecart, formater_variation

MONTREES = 10
NATURES = {"reel": "réel", "actualisation": "actualisation", "previsionnel": "prévisionnel"}
COLONNES_ENVELOPPES = ("Prestation", "Structures", "Avant", "Après", "Différence", "Droits inconnus")
COLONNES_LIGNES = (
    "Structure", "Nom", "Prestation", "Déclaration", "Validée", "Avant", "Après", "Différence", "Ce qui manque"
)  # fmt: skip
LARGEURS = (14, 34, 20, 16, 10, 17, 17, 17, 80)


def page_simulation(valeurs: Mapping[str, Any]) -> str:
    """Write a simulation (`operations.simulation.en_valeurs`) as a self-contained page."""
    par_code = {ligne["structure"]: ligne for ligne in valeurs["lignes"]}
    return (
        _environnement()
        .get_template("simulation.html")
        .render(
            _figures(valeurs),
            montrees=[par_code[code] for code in valeurs["mouvements"][:MONTREES]],
            inconnues=[par_code[code] for code in valeurs["inconnues"]],
            natures=NATURES,
        )
    )


def dessins(valeurs: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the drawings of the page, each a self-contained SVG: envelopes, then differences; none without a total."""
    if not valeurs["total"]["structures"]:
        return ()
    gabarits = ("simulation_enveloppes.svg", "simulation_repartition.svg")
    return tuple(_environnement().get_template(nom).render(_figures(valeurs)).strip() for nom in gabarits)


def _figures(valeurs: Mapping[str, Any]) -> dict[str, Any]:
    differences = [li["difference_centimes"] for li in valeurs["lignes"] if li["difference_centimes"] is not None]
    return {
        "s": valeurs,
        "groupes": groupes_de_barres([e for e in valeurs["enveloppes"] if e["structures"]]),
        "ecarts": histogramme(differences),
        "largeur": LARGEUR,
        "marge": MARGE_BARRES,
    }


@lru_cache(maxsize=1)
def _environnement() -> Environment:
    environnement = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters |= {
        "euros": formater_euros,
        "ecart": formater_ecart,
        "jour": lambda iso: f"{date.fromisoformat(iso):%d/%m/%Y}",
    }
    environnement.globals["variation"] = formater_variation
    return environnement


def simulation_xlsx(valeurs: Mapping[str, Any]) -> bytes:
    """Write a simulation as a workbook: what is tried and the envelopes, then a line a structure; same bytes again."""
    classeur = Workbook()
    enveloppes, structures = classeur.create_sheet("Enveloppes", 0), classeur.create_sheet("Structures", 1)
    del classeur[classeur.sheetnames[2]]
    for titre, texte in _entete(valeurs):
        enveloppes.append([titre, texte])
    enveloppes.append([])
    enveloppes.append(["Hypothèse", "Avant", "Après"])
    titres = [enveloppes.max_row]
    for essai in valeurs["hypotheses"]:
        enveloppes.append([essai["quoi"], essai["avant"], essai["apres"]])
    enveloppes.append([])
    enveloppes.append(list(COLONNES_ENVELOPPES))
    titres.append(enveloppes.max_row)
    for enveloppe in (*valeurs["enveloppes"], valeurs["total"] | {"prestation": "TOTAL"}):
        montants: list[Decimal | str] = ["inconnu"] * 3
        if enveloppe["structures"]:
            montants = [en_euros(enveloppe[f"{quand}_centimes"]) for quand in ("avant", "apres", "difference")]
        enveloppes.append([enveloppe["prestation"], enveloppe["structures"], *montants, enveloppe["inconnues"]])
    structures.append([valeurs["mention"], "chiffres simulés : rien n’est dû"])
    structures.append(list(COLONNES_LIGNES))
    for ligne in valeurs["lignes"]:
        structures.append(_cellules(ligne))
    mettre_en_forme(enveloppes, titres, (46, 24, 24, 17, 17, 17))
    mettre_en_forme(structures, [2], LARGEURS)
    structures.freeze_panes = "C3"
    structures.auto_filter.ref = f"A2:I{structures.max_row}"
    return en_octets(classeur)


def _entete(valeurs: Mapping[str, Any]) -> list[tuple[str, str]]:
    connus = [f"{date.fromisoformat(valeurs[quand]):%d/%m/%Y}" for quand in ("connu_avant", "connu_apres")]
    return [
        (valeurs["mention"], "chiffres simulés : rien n’est dû"),
        ("Exercice des déclarations", str(valeurs["exercice"])),
        ("Connu le", " puis ".join(dict.fromkeys(connus))),
    ]


def _cellules(ligne: Mapping[str, Any]) -> list[str | Decimal | None]:
    def montant(quand: str) -> Decimal | None:
        centimes = ligne[f"{quand}_centimes"]
        return None if centimes is None else en_euros(centimes)

    return [
        ligne["structure"],
        ligne["nom"],
        ligne["prestation"],
        NATURES[ligne["nature"]],
        "oui" if ligne["validee"] else "non",
        *(montant(quand) for quand in ("avant", "apres", "difference")),
        " ; ".join(dict.fromkeys([*ligne["manque_avant"], *ligne["manque_apres"]])),
    ]


def mettre_en_forme(feuille: Worksheet, titres: list[int], largeurs: tuple[int, ...]) -> None:
    """Make texts never formulas, amounts euros, title rows plain to see, and the sheet ready to print."""
    for cellule in (c for rangee in feuille.iter_rows() for c in rangee):
        if isinstance(cellule.value, str):
            cellule.data_type = "s"
        elif isinstance(cellule.value, Decimal):
            cellule.number_format = "#,##0.00\\ [$€-40C]"
    for titre in (c for rang in titres for c in feuille[rang] if c.value is not None):
        titre.font = Font(bold=True, color="FFFFFF")
        titre.fill = PatternFill("solid", fgColor="1F3A5F")
        titre.alignment = Alignment(wrap_text=True, vertical="center")
    feuille["A1"].font = Font(bold=True, color="8A3B00")
    for rang, largeur in enumerate(largeurs, start=1):
        feuille.column_dimensions[get_column_letter(rang)].width = largeur
    feuille.page_setup.orientation, feuille.page_setup.fitToWidth, feuille.page_setup.fitToHeight = "landscape", 1, 0
    feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)

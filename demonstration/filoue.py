"""Invented Filoué files: the children of a crèche for a year, written as each vendor's software would write them.

No real person: matricules, dates and amounts are drawn. Hours are held in hundredths, amounts in cents, rates in
ten-thousandths of a percent (0.0619 % is 619), so that the sums of a file can be aimed at to the hundredth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demonstration.hasard import hasard
from regles.filoue import StructureAttendue, VersionFiloue

CENT = 100
MSA = "2"
TAUX = (619, 516, 413, 310)  # families of 1, 2, 3, 4 to 7 children
RESSOURCES = (900, 6000)  # euros a month, well between the floor and the ceiling
LIEUX = (
    ("52000", "CHAUMONT"),
    ("52100", "SAINT-DIZIER"),
    ("52200", "LANGRES"),
    ("52130", "WASSY"),
    ("52300", "JOINVILLE"),
    ("52800", "NOGENT"),
    ("51290", "SAINT-REMY-EN-BOUZEMONT"),
)
COLONNES_V1 = (
    "TOP_ALLOC",
    "MATRICULE",
    "REGIME",
    "DATE_NAISSANCE_INDIVIDU",
    "CODE_POSTAL_FAMILLE",
    "VILLE_FAMILLE",
    "NOMBRE_HEURES_FACTUREES",
    "NOMBRE_HEURES_REALISEES",
    "MONTANT_FACTURE",
    "MONTANT_HORAIRE",
    "TAUX_EFFORT",
    "PREMIERJOUR",
    "DERNIERJOUR",
)
COLONNES: Mapping[VersionFiloue, tuple[str, ...]] = {
    VersionFiloue.V1: COLONNES_V1,
    VersionFiloue.V2: ("NUMERO_CAF", "NUMERO_DOSSIER_AFC", *COLONNES_V1),
    VersionFiloue.V3: ("NUMERO_CAF", "NUMERO_DOSSIER_AFC", "IDEQU", *COLONNES_V1),
}


@dataclass(frozen=True, slots=True)
class Enfant:
    """A line of the file. Hours in hundredths, amount in cents, rate in ten-thousandths of a percent."""

    matricule: str
    regime: str
    naissance: date
    code_postal: str
    ville: str
    facturees: int
    realisees: int
    montant: int
    taux: int
    premier: date
    dernier: date
    allocataire: bool = True


@dataclass(frozen=True, slots=True)
class Sommes:
    """What the lines of a file add up to: hundredths of hours billed and realised, cents billed."""

    facturees: int
    realisees: int
    montant: int


@dataclass(frozen=True, slots=True)
class Habitude:
    """How a vendor's software writes: layout, decimal sign, zero padding, rounding of the rate, dates, bytes.

    `largeur_montant` pads the amount with zeros (« 062.00 » is 6); `idequ` is the label of the V3 column;
    `decimales_taux` rounds the rate half up; `colonnes` gives another order; `msa_six_chiffres` writes the number of
    the MSA, six digits, for a child of that régime.
    """

    version: VersionFiloue = VersionFiloue.V3
    decimale: str = "."
    largeur_montant: int = 0
    decimales_taux: int = 4
    forme_date: str = "%d/%m/%Y"
    fin_de_ligne: str = "\n"
    encodage: str = "utf-8"
    fin_finale: bool = False
    idequ: str = "IDEQU"
    colonnes: tuple[str, ...] = ()
    msa_six_chiffres: bool = False


HABITUDES: Mapping[str, Habitude] = {
    "v1_anciens": Habitude(VersionFiloue.V1, largeur_montant=6, decimales_taux=2),
    "v2_remplissage": Habitude(VersionFiloue.V2, largeur_montant=6, decimales_taux=3),
    "v3_point": Habitude(),
    "v3_virgule_crlf_bom": Habitude(decimale=",", fin_de_ligne="\r\n", encodage="utf-8-sig", fin_finale=True),
    "v3_cp1252": Habitude(decimale=",", encodage="cp1252", decimales_taux=3, fin_de_ligne="\r\n"),
    "v3_dates_iso": Habitude(forme_date="%Y-%m-%d", fin_finale=True),
    "v3_autre_ordre": Habitude(colonnes=tuple(reversed(COLONNES[VersionFiloue.V3]))),
    "v3_msa_six_chiffres": Habitude(msa_six_chiffres=True),
}


def inventer(nombre: int, exercice: int, sujet: str = "", sommes: Sommes | None = None) -> tuple[Enfant, ...]:
    """Draw the children of a file, always the same for the same subject; their sums are `sommes` when given.

    Every line is sound: realised hours within those billed, ages, days and rates where they must be. The sums asked
    for must leave at least one hour a child.
    """
    alea = hasard("filoue", sujet, exercice, nombre)
    poids = [alea.randint(40, 160) for _ in range(nombre)]
    facturees = _partager(sommes.facturees if sommes else nombre * 80_000, poids)
    if sommes is None:
        realisees = [heures * alea.randint(880, 1000) // 1000 for heures in facturees]
        sommes = Sommes(sum(facturees), sum(realisees), sum(facturees) * 17 // 10)
    else:
        realisees = _partager(sommes.realisees, facturees)
    tarifs = [alea.randint(80, 120) for _ in range(nombre)]
    montants = _partager(sommes.montant, [h * t for h, t in zip(facturees, tarifs, strict=True)])
    chiffres = zip(facturees, realisees, montants, strict=True)
    return tuple(_enfant(alea, exercice, rang, *trois) for rang, trois in enumerate(chiffres))


def _partager(total: int, poids: Sequence[int]) -> list[int]:
    """Split an integer by weights, exactly: each part is the difference of two rounded cumulated shares."""
    somme, cumul, parts, deja = sum(poids), 0, [], 0
    for poids_un in poids:
        cumul += poids_un
        jusque = total * cumul // somme
        parts.append(jusque - deja)
        deja = jusque
    return parts


def _enfant(alea: Random, exercice: int, rang: int, facturees: int, realisees: int, montant: int) -> Enfant:
    premier = date(exercice, 1, 1) + timedelta(days=alea.choice((0, 0, 5, 120, 243)))
    dernier = alea.choice((date(exercice, 12, 31), date(exercice, 12, 24)))
    code_postal, ville = alea.choice(LIEUX)
    tarif = montant * CENT // facturees if facturees else 0  # cents an hour
    possibles = [t for t in TAUX if RESSOURCES[0] * t <= tarif * 10_000 <= RESSOURCES[1] * t]
    return Enfant(
        matricule=f"{(rang * 7919 + alea.randint(0, 7918)) % 10_000_000:07d}",
        regime=alea.choices("123", (90, 7, 3))[0],
        naissance=premier - timedelta(days=alea.randint(90, 1_100)),
        code_postal=code_postal,
        ville=ville,
        facturees=facturees,
        realisees=realisees,
        montant=montant,
        taux=alea.choice(possibles) if possibles else TAUX[0],
        premier=premier,
        dernier=dernier,
    )


@dataclass(frozen=True, slots=True)
class Retouches:
    """What is wrong on purpose: texts by (line of the file, column), header labels, lines repeated."""

    cellules: Mapping[tuple[int, str], str] = field(default_factory=dict)
    entete: Mapping[str, str] = field(default_factory=dict)
    doubler: tuple[int, ...] = ()


def ecrire(
    enfants: Sequence[Enfant],
    structure: StructureAttendue,
    habitude: Habitude = HABITUDES["v3_point"],
    retouches: Retouches = Retouches(),
) -> bytes:
    """Write the file of a structure. Lines are numbered as in the file: 1 is the header."""
    colonnes = habitude.colonnes or COLONNES[habitude.version]
    lignes = [";".join(retouches.entete.get(c, habitude.idequ if c == "IDEQU" else c) for c in colonnes)]
    for numero, enfant in enumerate(enfants, start=2):
        cellules = _cellules(enfant, structure, habitude)
        texte = ";".join(retouches.cellules.get((numero, c), cellules[c]) for c in colonnes)
        lignes += [texte] * (2 if numero in retouches.doubler else 1)
    fin = habitude.fin_de_ligne
    return (fin.join(lignes) + (fin if habitude.fin_finale else "")).encode(habitude.encodage)


def _cellules(enfant: Enfant, structure: StructureAttendue, habitude: Habitude) -> dict[str, str]:
    horaire = (2 * enfant.montant * CENT + enfant.facturees) // (2 * enfant.facturees) if enfant.facturees else 0
    montant = _centieme(enfant.montant, ".").rjust(habitude.largeur_montant, "0")
    six_chiffres = habitude.msa_six_chiffres and enfant.regime == MSA
    return {
        "NUMERO_CAF": structure.code_organisme,
        "NUMERO_DOSSIER_AFC": structure.dossier_afc,
        "IDEQU": structure.idequ,
        "TOP_ALLOC": "1" if enfant.allocataire else "0",
        "MATRICULE": enfant.matricule[-6:] if six_chiffres else enfant.matricule,
        "REGIME": enfant.regime,
        "DATE_NAISSANCE_INDIVIDU": enfant.naissance.strftime(habitude.forme_date),
        "CODE_POSTAL_FAMILLE": enfant.code_postal,
        "VILLE_FAMILLE": enfant.ville,
        "NOMBRE_HEURES_FACTUREES": _centieme(enfant.facturees, habitude.decimale),
        "NOMBRE_HEURES_REALISEES": _centieme(enfant.realisees, habitude.decimale),
        "MONTANT_FACTURE": montant.replace(".", habitude.decimale),
        "MONTANT_HORAIRE": _centieme(horaire, habitude.decimale),
        "TAUX_EFFORT": _taux(enfant.taux, habitude),
        "PREMIERJOUR": enfant.premier.strftime(habitude.forme_date),
        "DERNIERJOUR": enfant.dernier.strftime(habitude.forme_date),
    }


def _centieme(centiemes: int, decimale: str) -> str:
    return f"{centiemes // CENT}{decimale}{centiemes % CENT:02d}"


def _taux(taux: int, habitude: Habitude) -> str:
    unite = 10 ** (4 - habitude.decimales_taux)
    arrondi = (2 * taux + unite) // (2 * unite)
    return f"0{habitude.decimale}{arrondi:0{habitude.decimales_taux}d}"


def additionner(enfants: Sequence[Enfant]) -> Sommes:
    """Give the sums of some children."""
    return Sommes(sum(e.facturees for e in enfants), sum(e.realisees for e in enfants), sum(e.montant for e in enfants))

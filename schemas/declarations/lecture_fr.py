"""French reading of one cell: what a person typed becomes a typed value, or a refusal that says how to write it.

Nothing is guessed: « 1,234 » where a whole number is asked may be 1234 or 1.234, so it is refused with both writings.
An empty cell is a missing answer, never a zero.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal

from regles.champs import Champ, TypeChamp
from regles.grille import FORMULE_NON_CALCULEE, ValeurCellule
from regles.monnaie import INSECABLE, formater_mesure, formater_nombre

ValeurLue = int | Decimal | bool

LONGUEUR_MONTREE = 60
CHIFFRES_SURS = 15  # significant digits a spreadsheet guarantees; beyond is binary noise (0.1 + 0.2)

_ESPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\t\r\n"), " ")
_INVISIBLES = dict.fromkeys(map(ord, "\u200b\u200e\u200f\ufeff"))
_TIRETS = dict.fromkeys(map(ord, "\u2212\u2013\u2010\u2011"), "-")
_NOMBRE_ET_UNITE = re.compile(r"(?P<nombre>[+-]?[0-9](?:[0-9 .,']*[0-9])?)(?P<unite>[^0-9]*)")
_HORAIRE = re.compile(r"([0-9]{1,6}) ?(?:h|H|:) ?([0-5][0-9])(?: ?(?:min|mn))?(?::[0-9]{2})?")
_DATE = re.compile(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}|[0-9]{1,2}/[0-9]{1,4}")
_AMBIGU = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_PAR_MILLIERS = {
    separateur: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(separateur)}[0-9]{{3}})+") for separateur in (" ", ".", ",")
}
_RIEN = frozenset(
    {"-", "--", "/", "neant", "ras", "aucun", "aucune", "rien", "sans objet", "s/o", "so", "n/a", "na", "nc"}
)
_OUI = frozenset({"oui", "o", "x", "1", "vrai", "true"})
_NON = frozenset({"non", "n", "0", "faux", "false"})
_UNITES = {
    "€": frozenset({"€", "eur", "euro", "euros"}),
    "heures": frozenset({"h", "heure", "heures"}),
    "h/jour": frozenset({"h", "heure", "heures", "h/j", "h/jour"}),
    "jours": frozenset({"j", "jour", "jours"}),
    "enfants": frozenset({"enfant", "enfants"}),
    "places": frozenset({"place", "places"}),
    "résidents": frozenset({"resident", "residents"}),
    "groupes": frozenset({"groupe", "groupes"}),
    "journées": frozenset({"journee", "journees"}),
    "demi-journées": frozenset({"demi-journee", "demi-journees"}),
    "ETP": frozenset({"etp"}),
    "%": frozenset({"%"}),
}
_MULTIPLES = frozenset({"k€", "keur", "k", "m€", "meur", "milliers", "milliers d'euros"})


@dataclass(frozen=True, slots=True)
class Refus:
    """Why a cell cannot be read: a French sentence, what was read, and the expected writing."""

    code: str
    message: str
    lu: str
    attendu: str


class _Illisible(Exception):
    def __init__(self, code: str, message: str, attendu: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.attendu = attendu


def lire_cellule(champ: Champ, brut: ValeurCellule | None, erreur: str = "") -> ValeurLue | Refus | None:
    """Read a cell as the answer to a field; never raises.

    `brut` is the cell's value (None when empty), `erreur` its error as `Grille.erreurs` gives it. Gives an int for a
    whole number, a Decimal for a decimal or an amount in euros, a bool for yes/no, None for an empty cell. Bounds are
    not checked here.
    """
    montre = erreur or montrer(brut)
    try:
        valeur = _simplifier(brut) if isinstance(brut, str) else brut
        _refuser_erreur(erreur or (valeur if isinstance(valeur, str) else ""))
        if valeur is None or valeur == "":
            return None
        return _lire_oui_non(valeur) if champ.type is TypeChamp.OUI_NON else _lire_nombre(champ, valeur)
    except _Illisible as refus:
        return Refus(refus.code, refus.message, montre, refus.attendu or decrire_attendu(champ))


def _refuser_erreur(texte: str) -> None:
    if texte == FORMULE_NON_CALCULEE or texte.startswith("="):
        raise _Illisible("formule_non_calculee", "Cette formule n'a pas été calculée : écrivez son résultat.")
    if texte.startswith("#"):
        raise _Illisible("cellule_en_erreur", "La formule de cette cellule est en erreur.")


def montrer(brut: ValeurCellule | None) -> str:
    """Write what a cell holds as its author sees it, cut to a readable length."""
    match brut:
        case None:
            return ""
        case bool():
            return "VRAI" if brut else "FAUX"
        case int() | float():
            texte = str(brut) if isinstance(brut, int) else f"{brut:.{CHIFFRES_SURS}g}"
            texte = texte.replace(".", ",")
        case time():
            texte = f"{brut:%H:%M}"
        case date():
            texte = f"{brut.day:02d}/{brut.month:02d}/{brut.year}"
        case _:
            texte = "".join(c if c.isprintable() else " " for c in brut).strip()
    return texte if len(texte) <= LONGUEUR_MONTREE else texte[: LONGUEUR_MONTREE - 1] + "…"


def ecrire_valeur(champ: Champ, valeur: ValeurLue) -> str:
    """Write a typed value the French way, with the unit of its field."""
    if isinstance(valeur, bool):
        return "Oui" if valeur else "Non"
    return formater_mesure(valeur, champ.unite)


def decrire_attendu(champ: Champ) -> str:
    """Say what the field accepts: kind, bounds and unit, in French."""
    if champ.type is TypeChamp.OUI_NON:
        return "Oui ou Non"
    genre = "un nombre entier" if champ.type is TypeChamp.ENTIER else "un nombre"
    match champ.minimum, champ.maximum:
        case None, None:
            bornes = ""
        case Decimal() as bas, None:
            bornes = f", au moins {formater_nombre(bas)}"
        case None, Decimal() as haut:
            bornes = f", au plus {formater_nombre(haut)}"
        case bas, haut:
            bornes = f", de {formater_nombre(bas or 0)} à {formater_nombre(haut or 0)}"
    return f"{genre}{bornes}{INSECABLE}{champ.unite}" if champ.unite else f"{genre}{bornes}"


def _simplifier(texte: str) -> str:
    return re.sub(" +", " ", texte.translate(_ESPACES | _TIRETS | _INVISIBLES)).strip()


def _sans_accent(texte: str) -> str:
    decompose = unicodedata.normalize("NFD", texte.casefold())
    return "".join(c for c in decompose if not unicodedata.combining(c)).strip(" .")


def _lire_oui_non(valeur: ValeurCellule) -> bool:
    if isinstance(valeur, bool):
        return valeur
    if isinstance(valeur, int | float) and valeur in (0, 1):
        return valeur == 1
    if isinstance(valeur, str):
        mot = _sans_accent(valeur)
        if mot in _OUI or mot in _NON:
            return mot in _OUI
    raise _Illisible("oui_non_attendu", "La réponse attendue est « Oui » ou « Non ».")


def _lire_nombre(champ: Champ, valeur: ValeurCellule) -> int | Decimal:
    match valeur:
        case bool():
            raise _Illisible("texte_inattendu", "Un nombre est attendu, la cellule contient une case VRAI/FAUX.")
        case int():
            nombre = Decimal(valeur)
        case float():
            nombre = _depuis_flottant(valeur)
        case time():
            raise _horaire(champ, valeur.hour, valeur.minute)
        case date():
            raise _date()
        case _:
            nombre = _depuis_texte(champ, valeur)
    return _au_format(champ, nombre)


def _depuis_flottant(valeur: float) -> Decimal:
    if not math.isfinite(valeur):
        raise _Illisible("cellule_en_erreur", "Le calcul de cette cellule ne donne pas un nombre.")
    return Decimal(f"{valeur:.{CHIFFRES_SURS}g}")


def _date() -> _Illisible:
    return _Illisible(
        "date_inattendue",
        "La cellule contient une date. Le tableur transforme parfois une saisie en date : remettez la cellule au "
        "format Nombre, puis écrivez de nouveau le nombre.",
    )


def _horaire(champ: Champ, heures: int, minutes: int) -> _Illisible:
    decimal = Decimal(heures) + (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    en_heures = champ.unite in {"heures", "h/jour"}
    return _Illisible(
        "horaire_inattendu",
        "La cellule contient un horaire. Les heures s'écrivent en nombre décimal : une demi-heure s'écrit 0,5.",
        formater_mesure(decimal, champ.unite) if en_heures else "",
    )


def _depuis_texte(champ: Champ, texte: str) -> Decimal:
    if horaire := _HORAIRE.fullmatch(texte):
        raise _horaire(champ, int(horaire[1]), int(horaire[2]))
    if _DATE.fullmatch(texte) and not _AMBIGU.fullmatch(texte) and not _PAR_MILLIERS["."].fullmatch(texte):
        raise _date()
    trouve = _NOMBRE_ET_UNITE.fullmatch(texte)
    if trouve is None:
        if _sans_accent(texte) in _RIEN:
            raise _Illisible("texte_inattendu", "S'il n'y en a pas, écrivez le chiffre 0.", "0")
        raise _Illisible("texte_inattendu", "Un nombre est attendu, la cellule contient du texte.")
    nombre = _analyser(champ, trouve["nombre"])
    return _appliquer_unite(champ, nombre, trouve["unite"])


def _appliquer_unite(champ: Champ, nombre: Decimal, unite: str) -> Decimal:
    mot = _sans_accent(unite)
    if not mot or mot in _UNITES.get(champ.unite, frozenset()):
        return nombre
    if mot == "%":
        if champ.type is TypeChamp.DECIMAL and not champ.unite:
            return nombre / 100
        raise _Illisible("unite_inattendue", "Un pourcentage n'est pas attendu ici.")
    if mot in _MULTIPLES:
        raise _Illisible("unite_inattendue", "Le montant s'écrit en entier, ni en milliers ni en millions.")
    if any(mot in admises for admises in _UNITES.values()):
        raise _Illisible(
            "unite_inattendue",
            f"L'unité lue, « {unite.strip()} », n'est pas celle demandée"
            + (f" ({champ.unite})." if champ.unite else "."),
        )
    raise _Illisible("texte_inattendu", "Un nombre seul est attendu, la cellule contient aussi du texte.")


def _analyser(champ: Champ, ecrit: str) -> Decimal:
    """Read digits with French or foreign separators; the last of « . » and « , » is the decimal one."""
    entier_attendu = champ.type is TypeChamp.ENTIER
    if _AMBIGU.fullmatch(ecrit) and (entier_attendu or champ.decimales < 3 or "." in ecrit):
        raise _ambigu(champ, ecrit)
    signe, chiffres = ("-", ecrit[1:]) if ecrit.startswith("-") else ("", ecrit.removeprefix("+"))
    entiere, decimales = _couper(chiffres)
    for separateur, forme in _PAR_MILLIERS.items():
        if forme.fullmatch(entiere):
            entiere = entiere.replace(separateur, "")
    if not (entiere.isdigit() and (not decimales or decimales.isdigit())):
        raise _Illisible("nombre_mal_ecrit", "Les espaces, points ou virgules de ce nombre ne sont pas à leur place.")
    return Decimal(f"{signe}{entiere}.{decimales or '0'}")


def _couper(chiffres: str) -> tuple[str, str]:
    """Split a written number at its decimal separator: none when the same sign comes back (thousands)."""
    position = max(chiffres.rfind("."), chiffres.rfind(","))
    if position < 0 or chiffres.count(chiffres[position]) > 1:
        return chiffres, ""
    return chiffres[:position], chiffres[position + 1 :]


def _ambigu(champ: Champ, ecrit: str) -> _Illisible:
    colle = re.sub("[.,]", "", ecrit)
    petit = Decimal(ecrit.replace(",", "."))
    grand = formater_nombre(int(colle))
    if champ.type is TypeChamp.ENTIER:
        attendu = f"{grand} (sans point ni virgule), si c'est bien ce nombre"
    else:
        arrondi = petit.quantize(Decimal(1).scaleb(-champ.decimales), ROUND_HALF_UP)
        attendu = f"{grand} ou {formater_nombre(arrondi)}, selon ce que vous vouliez écrire"
    return _Illisible(
        "nombre_ambigu",
        f"« {ecrit} » peut se lire {grand} ou {formater_nombre(petit)} : écrivez-le autrement.",
        attendu,
    )


def _au_format(champ: Champ, nombre: Decimal) -> int | Decimal:
    if abs(nombre) >= Decimal(10) ** CHIFFRES_SURS:
        raise _Illisible("nombre_mal_ecrit", "Ce nombre est trop grand pour être lu sans erreur.")
    if champ.type is TypeChamp.ENTIER:
        if nombre != nombre.to_integral_value():
            raise _Illisible("entier_attendu", "Un nombre entier est attendu, sans virgule.")
        return int(nombre)
    arrondi = nombre.quantize(Decimal(1).scaleb(-champ.decimales), ROUND_HALF_UP)
    if arrondi != nombre:
        raise _Illisible(
            "trop_de_decimales",
            f"Ce nombre a trop de décimales : {champ.decimales} au plus.",
            formater_mesure(arrondi, champ.unite),
        )
    return arrondi

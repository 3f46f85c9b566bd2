"""What typer says in English of a command badly typed, in French: what is wrong, and where the help is."""

import re

import typer

EXTRA = re.compile(r"unexpected extra argument\S* \((.*)\)$")
ENTRE_GUILLEMETS = re.compile(r"'([^']*)'")
ATTENDUS = (
    ("match the format", "une date est attendue, telle que 27/02/2026"),
    ("valid integer", "un nombre entier est attendu"),
    ("valid decimal", "un nombre est attendu"),
    ("valid number", "un nombre est attendu"),
    ("greater than or equal", "le nombre est trop petit"),
    ("less than or equal", "le nombre est trop grand"),
    ("does not exist", "ce fichier n'existe pas"),
    ("is a directory", "un fichier est attendu, non un dossier"),
    ("is a file", "un dossier est attendu, non un fichier"),
)


def en_francais(erreur: typer.TyperException) -> str | None:
    """Give the sentence, or None for what is not a fault of typing (an empty group shows its help)."""
    phrase = _phrase(erreur)
    contexte = getattr(erreur, "ctx", None)
    if phrase is None or contexte is None:
        return phrase
    return f"{phrase} Aide : {contexte.command_path} --help."


def _phrase(erreur: typer.TyperException) -> str | None:
    message = erreur.message
    match type(erreur).__name__:
        case "MissingParameter":
            return f"Il manque {_nommer(erreur)}."
        case "NoSuchOption":
            return f"L'option {getattr(erreur, 'option_name', '')} n'existe pas."
        case "BadOptionUsage":
            manque = "attend une valeur" if "requires an argument" in message else "ne prend pas de valeur"
            return f"L'option {getattr(erreur, 'option_name', '')} {manque}."
        case "BadParameter":
            return f"La valeur de {_nommer(erreur)} ne convient pas : {_attendu(message)}."
        case "UsageError":
            return _dire_l_usage(message)
    return None


def _nommer(erreur: typer.TyperException) -> str:
    parametre = getattr(erreur, "param", None)
    if parametre is None:
        return str(getattr(erreur, "param_hint", None) or "un paramètre")
    if parametre.param_type_name == "option":
        return f"l'option {parametre.opts[0]}"
    return str(parametre.metavar or parametre.name.upper())


def _attendu(message: str) -> str:
    """Say what was expected; a sentence of ours comes out as it is."""
    for anglais, francais in ATTENDUS:
        if anglais in message:
            return francais
    if message.startswith(("Input should be", "Value error")):
        choix = ENTRE_GUILLEMETS.findall(message)
        return f"l'un de ceux-ci est attendu : {', '.join(choix)}" if choix else "vérifiez-la"
    return message.rstrip(".")


def _dire_l_usage(message: str) -> str | None:
    if message.startswith("No such command"):
        return f"La commande « {''.join(ENTRE_GUILLEMETS.findall(message)[:1])} » n'existe pas."
    de_trop = EXTRA.search(message)
    return f"De trop : {de_trop.group(1)}." if de_trop else None

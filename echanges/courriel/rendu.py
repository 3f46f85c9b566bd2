"""Rendering of a mail: templates/courriels/<genre>/{sujet.txt,texte.txt,html.html}, from plain values."""

import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from echanges.courriel.vues import VueCampagne, VueReponse
from regles.dates import en_toutes_lettres
from regles.monnaie import FINE_INSECABLE, INSECABLE

MODELES = Path(__file__).resolve().parents[2] / "templates" / "courriels"
LARGEUR_TEXTE = 78
_PUCE = re.compile(r"^\s*(?:- |\d+\. )?")
_DEUX_POINTS = re.compile(" (?=[:»])")
_PONCTUATION_FINE = re.compile(" (?=[;!?])")


@dataclass(frozen=True, slots=True)
class Rendu:
    """A mail in words: subject of one line, text part (lines of at most 78 characters), HTML part."""

    sujet: str
    texte: str
    html: str


@lru_cache(maxsize=1)
def _environnement() -> Environment:
    environnement = Environment(
        loader=FileSystemLoader(MODELES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters["en_lettres"] = en_toutes_lettres
    return environnement


def rendre(genre: str, vue: VueCampagne | VueReponse) -> Rendu:
    """Render a genre of mail.

    Raises:
        jinja2.TemplateNotFound: unknown genre.
        jinja2.UndefinedError: a template asking for what the view does not hold.
    """
    sujet, texte, html = (
        typographier(_environnement().get_template(f"{genre}/{nom}").render(vue=vue, cadre=vue.cadre))
        for nom in ("sujet.txt", "texte.txt", "html.html")
    )
    mentions = "".join(f"[{mot}] " for mot in vue.cadre.mentions)
    return Rendu(mentions + sujet.strip(), ajuster(texte), html)


def typographier(texte: str) -> str:
    """Hold French punctuation to its word with non-breaking spaces."""
    texte = _PONCTUATION_FINE.sub(FINE_INSECABLE, _DEUX_POINTS.sub(INSECABLE, texte))
    return texte.replace("« ", f"«{INSECABLE}")


def ajuster(texte: str) -> str:
    """Wrap each line at 78 characters under its bullet, and keep at most one blank line in a row."""
    lignes = []
    for ligne in texte.strip().split("\n"):
        puce = _PUCE.match(ligne)
        retrait = " " * len(puce.group()) if puce else ""
        lignes.append(
            textwrap.fill(
                ligne.rstrip(" "),
                LARGEUR_TEXTE,
                subsequent_indent=retrait,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lignes)) + "\n"

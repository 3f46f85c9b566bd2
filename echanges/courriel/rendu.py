"""Rendering of a mail: templates/courriels/<genre>/{sujet.txt,texte.txt,html.html}, from plain values.

A mail that may be made one with others has a block `corps` in both parts: all but its title, greetings and footer.
"""

import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from echanges.courriel.groupe import Corps, VueGroupe
from echanges.courriel.vues import Vue
from echanges.courriel.vues_commission import VueCommission
from echanges.courriel.vues_dossiers import VueDossier, VueRecuDossier
from echanges.courriel.vues_filoue import VueFiloue, VueReponseFiloue
from echanges.courriel.vues_paiements import VuePaiements
from regles.dates import en_toutes_lettres
from regles.monnaie import FINE_INSECABLE, INSECABLE, formater_euros

MODELES = Path(__file__).resolve().parents[2] / "templates" / "courriels"
LARGEUR_TEXTE = 78
_PUCE = re.compile(r"^\s*(?:- |\d+\. )?")
_DEUX_POINTS = re.compile(" (?=[:»])")
_DEDANS = re.compile(f"« ([^«»\\n]*){INSECABLE}»")
_CITE = "“\\1”"
_CITATION = re.compile(f"« [^«»\\n]*(?:{_DEDANS.pattern}[^«»\\n]*)+{INSECABLE}»")
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
        keep_trailing_newline=True,
    )
    environnement.filters |= {"en_lettres": en_toutes_lettres, "euros": formater_euros}
    return environnement


VueRendue = Vue | VueCommission | VueDossier | VueRecuDossier | VueFiloue | VueReponseFiloue | VuePaiements | VueGroupe


def rendre(genre: str, vue: VueRendue, agenda: str = "") -> Rendu:
    """Render a genre of mail. `agenda` names the diary file of all the person's dates, when it is joined.

    Raises:
        jinja2.TemplateNotFound: unknown genre.
        jinja2.UndefinedError: a template asking for what the view does not hold.
    """
    sujet, texte, html = (
        typographier(_environnement().get_template(f"{genre}/{nom}").render(vue=vue, cadre=vue.cadre, agenda=agenda))
        for nom in ("sujet.txt", "texte.txt", "html.html")
    )
    mentions = "".join(f"[{mot}] " for mot in vue.cadre.mentions)
    return Rendu(mentions + sujet.strip(), ajuster(texte), html)


def rendre_le_corps(genre: str, vue: VueRendue) -> Corps:
    """Render what a genre of mail says, to stand under a title of its own among others.

    Raises:
        KeyError: a genre that always leaves alone.
    """
    valeurs: dict[str, object] = {"vue": vue, "cadre": vue.cadre, "agenda": ""}
    sujet = typographier(_environnement().get_template(f"{genre}/sujet.txt").render(valeurs)).strip()
    texte, html = (_bloc(f"{genre}/{nom}", valeurs) for nom in ("texte.txt", "html.html"))
    return Corps(sujet, texte.strip(), html.replace("<h2>", "<h3>").replace("</h2>", "</h3>"))


def _bloc(nom: str, valeurs: dict[str, object]) -> str:
    modele = _environnement().get_template(nom)
    return typographier("".join(modele.blocks["corps"](modele.new_context(valeurs))))


def typographier(texte: str) -> str:
    """Hold French punctuation to its word, and « n° » to its number, with non-breaking spaces."""
    texte = _PONCTUATION_FINE.sub(FINE_INSECABLE, _DEUX_POINTS.sub(INSECABLE, texte))
    texte = _CITATION.sub(_citer_dedans, texte)
    return texte.replace("« ", f"«{INSECABLE}").replace("n° ", f"n°{INSECABLE}")


def _citer_dedans(citation: re.Match[str]) -> str:
    """Give a quotation its inner ones between curly marks: « appel “Plan mercredi” »."""
    return f"« {_DEDANS.sub(_CITE, citation.group()[2:-2])}{INSECABLE}»"


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

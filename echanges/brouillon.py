"""A drafted calendar as the YAML file that a person reviews: each date says its weekday, and why it is there."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from regles.calendrier import Etape
from regles.calendrier_suivant import Brouillon, DateReportee, EtapeReportee, Raison
from regles.dates import JOURS, MOIS, en_chiffres

LARGEUR = 118
ENTETE = """\
# BROUILLON du calendrier {annee}, reconduit de celui de {avant} le {le}. Rien n'y est sûr : chaque date est montrée
# « à confirmer ».
#
# À relire par une personne, le calendrier publié de {annee} en main :
#   1. corriger chaque date ; dès qu'elle est publiée, la retirer de la ligne « approximations » de son étape ;
#   2. mettre la vraie source et son jour (« releve_le ») ; retirer ce qui n'a plus lieu, ajouter ce qui est nouveau ;
#   3. placer ce fichier dans config/calendrier/, et ajouter à config/demarches.yaml les lignes que « campagnes
#      calendrier preparer » a données ; puis « campagnes calendrier verifier » ;
#   4. ajouter à config/enveloppes.yaml l'exercice que les demandes de subvention financeront.
"""


def brouillon_yaml(brouillon: Brouillon, le: date) -> str:
    """Write a draft as a calendar file. `le` is the day of the draft."""
    avant = brouillon.annee - 1
    parties = [
        ENTETE.format(annee=brouillon.annee, avant=avant, le=en_chiffres(le)),
        f"annee: {brouillon.annee}",
        f"source: {_texte(f'Brouillon reconduit du calendrier {avant}, sans source publiée')}",
        f"releve_le: {le}",
        "",
        "prestations:",
        *(f"  {_texte(code)}: {_texte(nom)}" for code, nom in brouillon.prestations),
        "",
        "etapes:",
        *("\n".join(_etape(reportee)) + "\n" for reportee in brouillon.etapes),
    ]
    return "\n".join(parties).rstrip("\n") + "\n"


def demarches_yaml(demarches: Mapping[str, Mapping[str, Any]]) -> str:
    """Write what is said of some steps as lines to add under `etapes` of config/demarches.yaml."""
    ecrit = yaml.safe_dump(dict(demarches), allow_unicode=True, sort_keys=False, width=LARGEUR)
    return "".join(f"  {ligne}\n" for ligne in ecrit.splitlines())


def _etape(reportee: EtapeReportee) -> Iterator[str]:
    etape = reportee.etape
    origine = ", ".join(f"{d.champ} {_en_court(d.avant)}" for d in reportee.dates)
    yield f"  # {reportee.origine} : {origine}"
    yield f"  - id: {etape.id}"
    yield f"    nature: {etape.nature.value}"
    yield f"    libelle: {_texte(etape.libelle)}"
    if etape.exercice is not None:
        yield f"    exercice: {etape.exercice}"
    if etape.canal:
        yield f"    canal: {_texte(etape.canal)}"
    if etape.prestations:
        yield f"    prestations: [{', '.join(map(_element, etape.prestations))}]"
    yield from (f"    {d.champ}: {d.apres}  # {_dire(d)}" for d in reportee.dates)
    yield from _a_confirmer(etape)


def _a_confirmer(etape: Etape) -> Iterable[str]:
    vagues = [f"{champ}: {_texte(mots)}" for champ, mots in etape.approximations]
    if vagues:
        yield from ("    approximations:", *(f"      {vague}" for vague in vagues))
    if etape.a_confirmer:
        yield f"    a_confirmer: {_texte(etape.a_confirmer)}"


def _dire(reportee: DateReportee) -> str:
    """Say the weekday of a date, and what else the reviewer must know of it."""
    jour = JOURS[reportee.apres.weekday()]
    if reportee.tombait is not None:
        return f"{jour} ; le {_en_court(reportee.tombait)} n'est pas ouvrable"
    return jour if reportee.raison is Raison.SEMAINES else f"{jour} ; {reportee.raison}"


def _en_court(jour: date) -> str:
    """Write « dimanche 7 février 2027 » with plain spaces, for a file."""
    return f"{JOURS[jour.weekday()]} {jour.day} {MOIS[jour.month - 1]} {jour.year}"


def _texte(texte: str) -> str:
    """Write a text on its line, quoted when YAML would read something else."""
    return texte if _relu(f"t: {texte}") == {"t": texte} else json.dumps(texte, ensure_ascii=False)


def _element(texte: str) -> str:
    """Write a text inside a list on one line."""
    return texte if _relu(f"[{texte}]") == [texte] else json.dumps(texte, ensure_ascii=False)


def _relu(ecrit: str) -> Any:
    try:
        return yaml.safe_load(ecrit)
    except yaml.YAMLError:
        return None

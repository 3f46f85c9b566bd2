"""Bring the network (partners, contacts, structures, conventions, adhesions) from CSV files: shown, then applied.

The same files are written back on request, to be corrected in a spreadsheet.
"""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Adhesion, Contact, Convention, Partenaire, Structure
from operations.adresses import tenir_a_jour
from operations.contexte import ActeRefuse, Contexte
from operations.reseau_ecriture import BilanReseau, Ecriture
from regles.commission import FONDS_LOCAUX
from regles.monnaie import en_euros
from schemas.coherence_reseau import Reperes
from schemas.configuration.demarches import Demarches
from schemas.configuration.referentiel import charger_communes
from schemas.configuration.yaml_strict import charger
from schemas.fichiers_reseau import ecrire_reseau, lire_reseau
from schemas.reseau import LIGNES


class _ApercuSeul(Exception):
    """Undoes the transaction of a preview."""


def importer_reseau(
    contexte: Contexte, dossier: Path, par: str, *, appliquer: bool = False, jour: date | None = None
) -> BilanReseau:
    """Compare the files of a folder with the database, and bring the database to them when `appliquer`.

    Nothing is erased: what the files no longer hold stays, a file or a column they lack leaves what is known. A preview
    runs the same writes and undoes them.

    Raises:
        ActeRefuse: a person who may not validate, a structure already paid that would change partner, or a third
            administrator for a partner, known from before.
    """
    contexte.exiger_droit(par, "valider")
    lus = lire_reseau(dossier, _reperes_connus(contexte))
    bilan = BilanReseau(fautes=lus.fautes, absents=lus.absents)
    if lus.fautes:
        return bilan
    instant = contexte.maintenant(jour)
    try:
        with transaction(contexte.moteur) as session:
            Ecriture(session, par, instant, bilan).ecrire(lus)
            tenir_a_jour(contexte, session, instant, par)
            if not appliquer:
                raise _ApercuSeul
    except _ApercuSeul:
        return bilan
    bilan.applique = True
    return bilan


def _reperes_connus(contexte: Contexte) -> Reperes:
    """Give what files are read against, with the partners and structures that they need not repeat."""
    with transaction(contexte.moteur) as session:
        partenaires = frozenset(session.exec(select(Partenaire.code)))
        structures = dict(session.exec(select(Structure.code, Structure.prestation)).all())
    return replace(_reperes(contexte.reglages.config), partenaires=partenaires, structures=structures)


@lru_cache
def _reperes(config: Path) -> Reperes:
    dispositifs = charger(config / "demarches.yaml", Demarches).dispositifs
    return Reperes(charger_communes(config), dispositifs)


def exporter_reseau(contexte: Contexte, dossier: Path) -> tuple[Path, ...]:
    """Write the network as the CSV files of a folder; imported again, they change nothing.

    Raises:
        ActeRefuse: one of them is already there.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    for nom in LIGNES:
        if (dossier / f"{nom}.csv").exists():
            raise ActeRefuse(f"{dossier} contient déjà {nom}.csv : choisissez un dossier vide.")
    with transaction(contexte.moteur) as session:
        partenaires = session.exec(select(Partenaire).order_by(Partenaire.code)).all()
        structures = session.exec(
            select(Structure).where(Structure.prestation != FONDS_LOCAUX).order_by(Structure.code)
        ).all()
        codes = {p.id: p.code for p in partenaires}
        codes_structures = {s.id: s.code for s in structures}
        lignes = {
            "partenaires": [p.model_dump() for p in partenaires],
            "contacts": [
                c.model_dump() | {"partenaire": codes[c.partenaire_id]}
                for c in session.exec(select(Contact).order_by(col(Contact.partenaire_id), col(Contact.id)))
            ],
            "structures": [
                s.model_dump()
                | {
                    "partenaire": codes[s.partenaire_id],
                    "taux_regime_general": s.taux_regime_general.replace(".", ","),
                }
                for s in structures
            ],
            "conventions": [
                _ligne_de_convention(v, codes_structures[v.structure_id])
                for v in session.exec(
                    select(Convention)
                    .where(Convention.prestation != FONDS_LOCAUX)
                    .order_by(col(Convention.structure_id), col(Convention.du))
                )
            ],
            "adhesions": [
                a.model_dump() | {"partenaire": codes[a.partenaire_id]}
                for a in session.exec(select(Adhesion).order_by(col(Adhesion.partenaire_id), col(Adhesion.du)))
            ],
        }
    return ecrire_reseau(dossier, lignes)


def _ligne_de_convention(convention: Convention, structure: str) -> dict[str, Any]:
    decimaux = {"hausse_places": convention.hausse_places, "retenue_maximale": convention.retenue_maximale}
    return {
        **convention.model_dump(),
        **{cle: _decimal(valeur) for cle, valeur in (decimaux | convention.conditions).items()},
        "structure": structure,
        "forfait_territoire": en_euros(convention.forfait_territoire_centimes),
    }


def _decimal(valeur: Any) -> Any:
    return valeur.replace(".", ",") if isinstance(valeur, str) else valeur

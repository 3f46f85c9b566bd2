"""Bring the network (partners, contacts, structures, conventions) from CSV files: shown first, applied on request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, select

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.tables import Contact, Convention, Partenaire, Structure
from operations.contexte import Contexte
from schemas.reseau import FauteReseau, FichiersReseau, lire_reseau


@dataclass(slots=True)
class BilanReseau:
    """What an import changes, in French sentences; nothing is written when there are faults or on a preview."""

    fautes: tuple[FauteReseau, ...] = ()
    changements: list[str] = field(default_factory=list)
    inchanges: int = 0
    applique: bool = False


class _ApercuSeul(Exception):
    """Undoes the transaction of a preview."""


def importer_reseau(
    contexte: Contexte, dossier: Path, par: str, *, appliquer: bool = False, jour: date | None = None
) -> BilanReseau:
    """Compare the files of a folder with the database, and bring the database to them when `appliquer`.

    Nothing is erased: what the files no longer hold stays. A preview runs the same writes and undoes them.

    Raises:
        ActeRefuse: a person who may not validate.
    """
    contexte.exiger_droit(par, "valider")
    lus = lire_reseau(dossier)
    bilan = BilanReseau(fautes=lus.fautes)
    if lus.fautes:
        return bilan
    instant = contexte.maintenant(jour)
    try:
        with transaction(contexte.moteur) as session:
            _ecrire(session, lus, par, instant, bilan)
            if not appliquer:
                raise _ApercuSeul
    except _ApercuSeul:
        return bilan
    bilan.applique = True
    return bilan


def _ecrire(session: Session, lus: FichiersReseau, par: str, instant: datetime, bilan: BilanReseau) -> None:
    def poser(quoi: str, nom: str, existant: SQLModel | None, nouveau: SQLModel, valeurs: Mapping[str, Any]) -> None:
        _poser(session, bilan, (par, instant), (quoi, nom), existant, nouveau, valeurs)

    for p in lus.partenaires:
        valeurs = p.model_dump()
        trouve = session.exec(select(Partenaire).where(Partenaire.code == p.code)).first()
        poser("partenaire", p.code, trouve, Partenaire(**valeurs), valeurs)
    partenaires = {p.code: p.id for p in session.exec(select(Partenaire))}
    for c in lus.contacts:
        valeurs = {**c.model_dump(exclude={"partenaire"}), "partenaire_id": partenaires[c.partenaire]}
        existant = session.exec(
            select(Contact).where(Contact.partenaire_id == partenaires[c.partenaire], Contact.courriel == c.courriel)
        ).first()
        poser("contact", f"{c.partenaire} {c.nom}", existant, Contact(**valeurs), valeurs)
    for s in lus.structures:
        valeurs = {
            **s.model_dump(exclude={"partenaire"}),
            "partenaire_id": partenaires[s.partenaire],
            "taux_regime_general": str(s.taux_regime_general),
        }
        connue = session.exec(select(Structure).where(Structure.code == s.code)).first()
        poser("structure", s.code, connue, Structure(**valeurs), valeurs)
    structures = {s.code: s.id for s in session.exec(select(Structure))}
    for v in lus.conventions:
        valeurs = {
            **v.model_dump(exclude={"structure", "forfait_territoire"}),
            "structure_id": structures[v.structure],
            "forfait_territoire_centimes": int(v.forfait_territoire * 100),
            "hausse_places": str(v.hausse_places),
        }
        ancienne = session.exec(
            select(Convention).where(Convention.structure_id == structures[v.structure], Convention.du == v.du)
        ).first()
        poser("convention", v.numero, ancienne, Convention(**valeurs), valeurs)


def _poser(
    session: Session,
    bilan: BilanReseau,
    acte: tuple[str, datetime],
    objet: tuple[str, str],
    existant: SQLModel | None,
    nouveau: SQLModel,
    valeurs: Mapping[str, Any],
) -> None:
    (par, instant), (quoi, nom) = acte, objet
    if existant is None:
        session.add(nouveau)
        changes, phrase = [], f"{quoi} {nom} : ajouté"
    else:
        changes = sorted(cle for cle, valeur in valeurs.items() if getattr(existant, cle) != valeur)
        if not changes:
            bilan.inchanges += 1
            return
        for cle in changes:
            setattr(existant, cle, valeurs[cle])
        session.add(existant)
        phrase = f"{quoi} {nom} : {', '.join(changes)} modifié"
    session.flush()
    bilan.changements.append(phrase)
    inscrire(
        session,
        le=instant,
        par=par,
        objet=quoi,
        objet_id=nom,
        action="modifier" if existant is not None else "ajouter",
        details={"champs": changes},
    )

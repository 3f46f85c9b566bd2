"""The agenda and the file of a sitting, gathered from the database and written as documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from echanges.commission import (
    DemandeEtudiee,
    DossierSeance,
    EnveloppeEtudiee,
    classeur_de_seance,
    fiches_html,
    ordre_du_jour_html,
)
from modeles.base import transaction
from modeles.requetes_commission import accorde, decision_de, demandes_de_la_seance, seances_closes
from modeles.tables import Demande, Dossier, Structure
from operations.commission.socle import (
    cofinanceurs_de,
    completude,
    enveloppe,
    partenaire_de,
    seance,
    structures_de,
)
from operations.configuration import etape
from operations.contexte import Contexte
from operations.projets import interlocuteurs
from regles.baremes import Statut
from regles.calendrier import PARIS, Etape
from regles.commission import part_propre
from regles.dates import en_chiffres
from regles.etats import EtatDemande
from regles.monnaie import formater_euros

CERTITUDES = {
    Statut.INCONNU: "à saisir par la Caf",
    Statut.A_CONFIRMER: "à confirmer",
    Statut.CONFIRME: "confirmé",
    Statut.DEMONSTRATION: "inventé pour la démonstration",
}


@dataclass(frozen=True, slots=True)
class BilanSeance:
    """The file of a sitting, as written: what it holds, and where."""

    dossier: DossierSeance
    chemins: tuple[Path, ...]

    @property
    def phrase(self) -> str:
        """One French sentence."""
        d = self.dossier
        quoi = "ordre du jour" if d.arrete else "projet d’ordre du jour"
        return f"{d.libelle} : {quoi} de {d.nombre} demande(s), {formater_euros(d.demande_centimes)} demandés."


def preparer(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanSeance:
    """Write the agenda, the sheets and the workbook of a sitting under var/documents/<sitting>/, over the former ones.

    Before the cut-off it is a draft: what is expected, complete or not.

    Raises:
        ActeRefuse: unknown step, or one that is no sitting.
    """
    reglee = seance(contexte, identifiant)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        dossier = _dossier(contexte, session, reglee, instant)
    return BilanSeance(dossier, _ecrire(contexte, dossier))


def ecrire_dossier(contexte: Contexte, session: Session, reglee: Etape, instant: datetime) -> tuple[Path, ...]:
    """Write the documents of a sitting as the caller's transaction sees it."""
    return _ecrire(contexte, _dossier(contexte, session, reglee, instant))


def _ecrire(contexte: Contexte, dossier: DossierSeance) -> tuple[Path, ...]:
    dossier_de = contexte.reglages.var / "documents" / dossier.etape
    dossier_de.mkdir(parents=True, exist_ok=True)
    prefixe = "DEMONSTRATION-" if dossier.mention else ""
    chemins = []
    for nom, octets in (
        ("ordre-du-jour.html", ordre_du_jour_html(dossier).encode()),
        ("fiches.html", fiches_html(dossier).encode()),
        (f"decisions-{dossier.etape}.xlsx", classeur_de_seance(dossier)),
    ):
        chemin = dossier_de / f"{prefixe}{nom}"
        provisoire = chemin.with_suffix(".tmp")
        provisoire.write_bytes(octets)
        provisoire.replace(chemin)
        chemins.append(chemin)
    return tuple(chemins)


def _dossier(contexte: Contexte, session: Session, reglee: Etape, instant: datetime) -> DossierSeance:
    demandes = demandes_de_la_seance(session, reglee.id)
    groupes: dict[tuple[str, int], list[Demande]] = {}
    for demande in sorted(demandes, key=lambda d: (d.enveloppe, d.exercice, d.reference)):
        groupes.setdefault((demande.enveloppe, demande.exercice), []).append(demande)
    jour, limite = reglee.jour or instant.date(), reglee.demandes_avant or instant.date()
    return DossierSeance(
        etape=reglee.id,
        libelle=reglee.libelle,
        caf=contexte.reglages.fichier.caf,
        jour=jour,
        a_confirmer=dict(reglee.approximations).get("jour", ""),
        limite=limite,
        edite_le=instant.date(),
        arrete=reglee.id in seances_closes(session) or instant.date() > limite,
        enveloppes=tuple(_enveloppe(contexte, session, reglee, *cle, siennes) for cle, siennes in groupes.items()),
        mention=contexte.reglages.mention,
    )


def _enveloppe(
    contexte: Contexte, session: Session, reglee: Etape, cle: str, exercice: int, demandes: Sequence[Demande]
) -> EnveloppeEtudiee:
    connue = enveloppe(contexte, cle, exercice)
    ici = accorde(session, cle, exercice, seance=reglee.id)
    return EnveloppeEtudiee(
        connue.libelle,
        exercice,
        connue.montant_centimes,
        CERTITUDES[connue.statut],
        accorde(session, cle, exercice) - ici,
        tuple(_etudier(contexte, session, reglee, demande) for demande in demandes),
    )


def _etudier(contexte: Contexte, session: Session, reglee: Etape, demande: Demande) -> DemandeEtudiee:
    partenaire = partenaire_de(session, demande)
    structures = structures_de(session, demande)
    lieu = structures[0] if structures else None
    dossier = session.get_one(Dossier, demande.dossier_id)
    ou = completude(contexte, session, demande)
    prise = decision_de(session, demande.id or 0, reglee.id)
    return DemandeEtudiee(
        reference=demande.reference,
        partenaire=f"{partenaire.nom} ({partenaire.code})",
        commune=lieu.commune if lieu else "",
        epci=lieu.epci if lieu else "",
        objet=demande.objet,
        appel=etape(contexte, dossier.etape).libelle,
        structure=f"{lieu.code} {lieu.nom}" if lieu and demande.structure_id else "",
        demande_centimes=demande.montant_demande_centimes,
        budget_centimes=demande.budget_centimes,
        part_propre_centimes=part_propre(
            demande.montant_demande_centimes, demande.budget_centimes, cofinanceurs_de(demande)
        ),
        cofinanceurs=cofinanceurs_de(demande),
        recues=ou.recues,
        manquantes=ou.manquantes,
        accorde_avant_centimes=accorde(session, demande.enveloppe, demande.exercice - 1, partenaire=partenaire.id or 0),
        officier=_officier(contexte, lieu),
        etat=_etat(demande, ou.complete_le),
        sens=prise.sens if prise else "",
        accorde_centimes=prise.montant_centimes if prise else None,
        motif=prise.motif if prise else "",
    )


def _officier(contexte: Contexte, structure: Structure | None) -> str:
    if structure is None:
        return ""
    appele = interlocuteurs(contexte, [structure])[0]
    return f"{appele.territoire}, {appele.telephone.replace('.', ' ')}" if appele.telephone else ""


def _etat(demande: Demande, complete_le: datetime | None) -> str:
    if demande.etat is not EtatDemande.DEPOSEE:
        return {"inscrite": "inscrite", "accordee": "accordée", "refusee": "refusée"}[demande.etat.value]
    if complete_le is None:
        return "déposée, incomplète"
    return f"complète depuis le {en_chiffres(complete_le.astimezone(PARIS).date())}"

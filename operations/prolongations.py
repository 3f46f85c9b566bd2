"""More time for one partner, or one structure: who asked, why, until when. The step's own dates never change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.tables import Courriel, Prolongation
from modeles.transitions import Acte, passer
from operations.attendus import UN_AN, Attendu, delai_donne, jour_d_ouverture, redevables
from operations.boite_envoi import taire_adresses
from operations.commission.socle import demandes_en_cours
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.destinataires import Destinataires, grouper
from operations.pieces import exiger_motif_court
from operations.reconnus import reconnaitre_attendu
from operations.relecture import PROLONGATION
from regles.calendrier import (
    DelaiDonne,
    Etape,
    NatureEtape,
    Verbe,
    actions_de_prolongation,
    fin_de_reception,
    prolonger,
)
from regles.dates import en_chiffres, en_toutes_lettres
from regles.etats import EtatCourriel, EtatDossier

SANS_LIMITE = frozenset({NatureEtape.VERSEMENT, NatureEtape.COMMISSION})


@dataclass(frozen=True, slots=True)
class BilanProlongation:
    """More time given, or (`numero` 0) what it would entail. `relances` and `fin` are its own dates.

    `pour`: the codes that still owe and are concerned; `sans_contact`: partners nobody can write to.
    """

    numero: int
    limite: date
    fin: date
    relances: tuple[date, ...]
    pour: tuple[str, ...]
    courriels: int
    sans_contact: tuple[str, ...]
    message: str


def prevoir_prolongation(
    contexte: Contexte, identifiant: str, code: str, limite: date, jour: date | None = None
) -> BilanProlongation:
    """Say what more time would entail; nothing is written.

    Raises:
        ActeRefuse: as for `donner_un_delai`.
    """
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    with transaction(contexte.moteur) as session:
        _, dus = _verifier(contexte, session, reglee, code, limite, instant)
        vers = grouper(session, dus, demarche(contexte, reglee).roles)
        demandes = _demandes(contexte, session, dus, instant.date())
    return _bilan(contexte, reglee, DelaiDonne(0, instant.date(), limite), dus, vers, demandes)


def donner_un_delai(
    contexte: Contexte, identifiant: str, code: str, limite: date, par: str, motif: str, jour: date | None = None
) -> BilanProlongation:
    """Give a partner or a structure more time for a step, that day included, and write its new date to it.

    After the closing too: reception opens again for them alone. Their reminders follow their own limit.

    Raises:
        ActeRefuse: unknown step or code, a step without a limit or not open yet, someone who may not validate, no
            reason, nothing owed, a day that gives nothing (past, or not after the limits they already have), or one
            more than a year after the step's limit.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        attendu, dus = _verifier(contexte, session, reglee, code, limite, instant)
        partenaire, structure = attendu.clef
        donnee = Prolongation(
            etape=reglee.id, partenaire_id=partenaire, structure_id=structure, limite=limite, motif=motif, par=par,
            le=instant,
        )  # fmt: skip
        session.add(donnee)
        session.flush()
        inscrire(
            session, le=instant, par=par, objet="prolongation", objet_id=donnee.id or 0, action="prolonger",
            motif=taire_adresses(motif),
            details={"etape": reglee.id, "code": code, "limite": limite.isoformat(), "pour": [a.code for a in dus]},
        )  # fmt: skip
        for dossier in (a.dossier for a in dus if a.dossier is not None):
            if dossier.etat is EtatDossier.ATTENDU and demarche(contexte, reglee).facultative:
                passer(session, dossier, EtatDossier.EN_COURS, Acte(instant, par, "annoncer"))  # asking is answering
        vers = grouper(session, dus, demarche(contexte, reglee).roles)
        _ecrire(session, reglee, donnee, vers, instant)
        demandes = _demandes(contexte, session, dus, instant.date())
        return _bilan(contexte, reglee, delai_donne(donnee), dus, vers, demandes)


def _verifier(
    contexte: Contexte, session: Session, reglee: Etape, code: str, limite: date, instant: datetime
) -> tuple[Attendu, list[Attendu]]:
    """Give who asks, and the answers they still owe by an earlier day."""
    if reglee.nature in SANS_LIMITE or reglee.limite is None:
        raise ActeRefuse(f"« {reglee.libelle} » n'a pas de date limite pour les partenaires : rien à prolonger.")
    ouverture = jour_d_ouverture(contexte, session, reglee)
    if ouverture is None or instant.date() < ouverture:
        quand = f"elle ouvre le {en_toutes_lettres(ouverture)}" if ouverture else "personne ne l'a ouverte"
        raise ActeRefuse(f"« {reglee.libelle} » n'est pas encore ouverte ({quand}) : donnez le délai ensuite.")
    attendu = reconnaitre_attendu(session, code)
    dus = [
        a
        for a in redevables(contexte, session, reglee, a_l_ouverture=True)
        if attendu.clef in {a.clef, (a.clef[0], None)}
    ]
    if not dus:
        raise ActeRefuse(f"{code} ({attendu.nom}) ne doit plus rien pour « {reglee.libelle} » : aucun délai à donner.")
    if limite < instant.date():
        raise ActeRefuse(f"Le {en_toutes_lettres(limite)} est déjà passé.")
    if limite <= reglee.limite:
        raise ActeRefuse(
            f"« {reglee.libelle} » se répond déjà jusqu'au {en_toutes_lettres(reglee.limite)} inclus : un délai va "
            "au-delà."
        )
    if limite > reglee.limite + UN_AN:
        raise ActeRefuse(
            f"Le {en_toutes_lettres(limite)} vient plus d'un an après la limite de « {reglee.libelle} », le "
            f"{en_toutes_lettres(reglee.limite)} : vérifiez l'année."
        )
    plus_tot = [a for a in dus if a.prolongation is None or a.prolongation.limite < limite]
    if not plus_tot:
        actuelle = min(a.prolongation.limite for a in dus if a.prolongation)
        raise ActeRefuse(f"{code} a déjà jusqu'au {en_toutes_lettres(actuelle)} inclus : un nouveau délai va au-delà.")
    return attendu, plus_tot


def _ecrire(session: Session, reglee: Etape, donnee: Prolongation, vers: Destinataires, instant: datetime) -> None:
    for prevu in vers.prevus:
        session.add(
            Courriel(
                cle=f"{PROLONGATION}:{donnee.id}:{prevu.contact}",
                genre=PROLONGATION,
                etape=reglee.id,
                contact_id=prevu.contact,
                structures=[code for code, _ in prevu.structures],
                contexte={PROLONGATION: donnee.id},
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
    session.flush()


def _demandes(contexte: Contexte, session: Session, dus: Sequence[Attendu], jour: date) -> str:
    """Say that more time for a call does not move the cut-off of the requests already made; nothing when none is."""
    citees = [
        f"{demande.reference} « {demande.objet} »"
        + (
            f" (complète au plus tard le {en_chiffres(seance.demandes_avant)})"
            if seance and seance.demandes_avant
            else ""
        )
        for attendu in dus
        for demande, seance in demandes_en_cours(contexte, session, attendu.dossier, jour)
    ]
    if not citees:
        return ""
    return f" Ne change pas la date limite de la commission pour les demandes déjà enregistrées : {', '.join(citees)}."


def _bilan(
    contexte: Contexte, reglee: Etape, delai: DelaiDonne, dus: list[Attendu], vers: Destinataires, demandes: str
) -> BilanProlongation:
    plan = plan_relances(contexte, reglee)
    relances = tuple(a.le.date() for a in actions_de_prolongation(reglee, plan, delai) if a.verbe is Verbe.RELANCER)
    fin = fin_de_reception(prolonger(reglee, plan, delai), plan) or delai.limite
    codes = tuple(a.code for a in dus)
    verbe = ("ont" if delai.numero else "auraient") if len(codes) > 1 else ("a" if delai.numero else "aurait")
    message = (
        f"{', '.join(codes)} {verbe} jusqu'au {en_toutes_lettres(delai.limite)} inclus pour « {reglee.libelle} » "
        f"(au lieu du {en_chiffres(reglee.limite or delai.limite)}). {len(vers.prevus)} courriel(s) le disent. "
        f"Relances propres : {', '.join(map(en_chiffres, relances)) or 'aucune'} ; réception close le "
        f"{en_chiffres(fin)} au soir.{demandes}"
    )
    if vers.sans_contact:
        message += f" Sans contact : {', '.join(vers.sans_contact)} : prévenez-les."
    return BilanProlongation(
        delai.numero, delai.limite, fin, relances, codes, len(vers.prevus), vers.sans_contact, message
    )

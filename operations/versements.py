"""From rights to dues, and from dues to a batch that one person proposes and another releases."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, update

from modeles.base import transaction
from modeles.journal import inscrire, motifs_inscrits
from modeles.requetes_argent import (
    alertes_du_droit,
    declarations_de_l_etape,
    dernier_droit,
    lignes_du_lot,
    lots_de_l_etape,
    ouverts_de_l_etape,
    versements_de_la_structure,
)
from modeles.tables import Declaration, Droit, LigneLot, Lot, Structure, Versement
from operations.configuration import etape
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import NatureEtape
from regles.etats import (
    EtatDeclaration,
    EtatLot,
    EtatVersement,
    NatureVersement,
    verifier_transition,
)
from regles.monnaie import formater_euros
from regles.versements import OUVERTS, Ecriture, Regularisation, regulariser

LIBERATION_REFUSEE = "liberation_refusee"


@dataclass(frozen=True, slots=True)
class RefusDePaiement:
    """A right that may not be paid, and the sentences saying why."""

    structure: str
    nom: str
    motifs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BilanDus:
    """Dues and indus written by this run, and the rights that may not be paid. Amounts in cents."""

    soldes: int
    indus: int
    total_soldes_centimes: int
    total_indus_centimes: int
    refus: tuple[RefusDePaiement, ...]


@dataclass(frozen=True, slots=True)
class LigneResume:
    """One beneficiary of a batch. Amounts in cents; `alertes` counts those of its declaration."""

    structure: str
    nom: str
    gestionnaire: str
    droit_centimes: int
    montant_centimes: int
    alertes: int = 0


@dataclass(frozen=True, slots=True)
class ResumeLot:
    """What a person needs to decide on a batch. `tentatives_refusees`: why each decision so far was turned down.

    `motif` is the reason of the decision once taken.
    """

    lot: int
    numero: str
    etape: str
    etat: EtatLot
    propose_par: str
    propose_le: datetime
    decide_par: str | None
    nombre: int
    total_centimes: int
    lignes: tuple[LigneResume, ...]
    mention: str
    tentatives_refusees: tuple[str, ...] = ()
    motif: str = ""


def preparer_dus(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanDus:
    """Write the solde or the indu of every validated réel of a step, from its last right.

    Raises:
        ActeRefuse: unknown step, or a step whose nature gives no solde.
    """
    if etape(contexte, identifiant).nature is not NatureEtape.REEL:
        raise ActeRefuse(f"L'étape « {identifiant} » n'est pas un réel : elle ne donne ni solde ni indu.")
    instant = contexte.maintenant(jour)
    totaux = {NatureVersement.SOLDE: [0, 0], NatureVersement.INDU: [0, 0]}
    refus = []
    with transaction(contexte.moteur) as session:
        for versement, droit_ouvert, source in ouverts_de_l_etape(session, identifiant):
            if not _est_actuel(contexte, session, source, droit_ouvert):
                _passer_versement(session, versement, EtatVersement.ANNULE, instant, "droit remplacé ou non payable")
        for declaration, structure, _ in declarations_de_l_etape(session, identifiant, EtatDeclaration.VALIDEE):
            droit = dernier_droit(session, declaration.id or 0)
            if droit is None:
                continue
            if not _est_actuel(contexte, session, declaration, droit):
                refus.append(RefusDePaiement(structure.code, structure.nom, tuple(droit.explication["motifs"])))
                continue
            ecrit = _regler(session, declaration, structure, droit, instant)
            if ecrit.montant_centimes:
                totaux[ecrit.nature][0] += 1
                totaux[ecrit.nature][1] += ecrit.montant_centimes
    (soldes, total_soldes), (indus, total_indus) = totaux[NatureVersement.SOLDE], totaux[NatureVersement.INDU]
    return BilanDus(soldes, indus, total_soldes, total_indus, tuple(refus))


def _est_actuel(contexte: Contexte, session: Session, declaration: Declaration, droit: Droit) -> bool:
    """Whether a right may be paid now: its declaration stands, it is the last one, sure, and of this installation."""
    dernier = dernier_droit(session, declaration.id or 0)
    return (
        declaration.etat is EtatDeclaration.VALIDEE
        and dernier is not None
        and dernier.id == droit.id
        and droit.payable
        and droit.demonstration == contexte.reglages.demonstration
    )


def _regler(
    session: Session, declaration: Declaration, structure: Structure, droit: Droit, instant: datetime
) -> Regularisation:
    connus = versements_de_la_structure(session, structure.id or 0, declaration.exercice)
    suite = regulariser(
        droit.montant_centimes or 0,
        (Ecriture(v.nature, v.etat, v.montant_centimes, v.droit_id == droit.id) for v in connus),
    )
    if suite.remplace_les_ouverts:
        for versement in connus:
            if versement.etat in OUVERTS:
                _passer_versement(session, versement, EtatVersement.ANNULE, instant, "droit recalculé")
    if suite.montant_centimes:
        _ecrire(session, declaration, structure, droit, suite, len(connus) + 1, instant)
    return suite


def _ecrire(
    session: Session,
    declaration: Declaration,
    structure: Structure,
    droit: Droit,
    suite: Regularisation,
    rang: int,
    instant: datetime,
) -> None:
    indu = suite.nature is NatureVersement.INDU
    etat = EtatVersement.A_RECOUVRER if indu else EtatVersement.DU
    versement = Versement(
        structure_id=structure.id or 0,
        prestation=declaration.prestation,
        exercice=declaration.exercice,
        nature=suite.nature,
        montant_centimes=suite.montant_centimes,
        droit_id=droit.id,
        etat=etat,
        reference=f"{declaration.exercice}-{declaration.prestation}-{structure.code}-{rang:02d}",
        cree_le=instant,
    )
    session.add(versement)
    session.flush()
    inscrire(
        session,
        le=instant,
        par="calcul",
        objet="versement",
        objet_id=versement.reference,
        action="devoir",
        apres=etat,
        details={"nature": suite.nature, "montant_centimes": suite.montant_centimes, "droit": droit.id},
    )


def _passer_versement(
    session: Session, versement: Versement, apres: EtatVersement, instant: datetime, motif: str, par: str = "calcul"
) -> None:
    avant = versement.etat
    verifier_transition(avant, apres)
    versement.etat = apres
    session.add(versement)
    inscrire(
        session,
        le=instant,
        par=par,
        objet="versement",
        objet_id=versement.reference,
        action="passer",
        avant=avant,
        apres=apres,
        motif=motif,
    )


def proposer_lot(contexte: Contexte, identifiant: str, par: str, jour: date | None = None) -> int | None:
    """Gather the dues of a step into a frozen batch and give its id, or None when nothing is due.

    When nothing is new, the batch that still waits for its release is given again: proposing twice proposes once.

    Raises:
        ActeRefuse: a person who may not propose.
    """
    etape(contexte, identifiant)
    contexte.exiger_droit(par, "proposer")
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        dus = [
            versement
            for versement, droit, declaration in ouverts_de_l_etape(session, identifiant)
            if versement.etat is EtatVersement.DU and _est_actuel(contexte, session, declaration, droit)
        ]
        anterieurs = lots_de_l_etape(session, identifiant)
        if not dus:
            return next((lot.id for lot in anterieurs if lot.etat is EtatLot.PROPOSE), None)
        rang = len(anterieurs) + 1
        lot = Lot(
            numero=f"{identifiant}-lot-{rang:02d}",
            etape=identifiant,
            etat=EtatLot.PROPOSE,
            propose_par=par,
            propose_le=instant,
            nombre=len(dus),
            total_centimes=sum(v.montant_centimes for v in dus),
            demonstration=contexte.reglages.demonstration,
        )
        session.add(lot)
        session.flush()
        for versement in dus:
            session.add(
                LigneLot(
                    lot_id=lot.id or 0, versement_id=versement.id or 0, montant_centimes=versement.montant_centimes
                )
            )
            _passer_versement(session, versement, EtatVersement.EN_LOT, instant, f"lot {lot.numero}", par)
        inscrire(
            session,
            le=instant,
            par=par,
            objet="lot",
            objet_id=lot.numero,
            action="proposer",
            apres=EtatLot.PROPOSE,
            details={"nombre": lot.nombre, "total_centimes": lot.total_centimes},
        )
        return lot.id


def lots(contexte: Contexte, identifiant: str) -> tuple[ResumeLot, ...]:
    """Give every batch of a step, oldest first."""
    with transaction(contexte.moteur) as session:
        return tuple(_resume(session, lot) for lot in lots_de_l_etape(session, identifiant))


def resume_lot(contexte: Contexte, lot: int) -> ResumeLot:
    """Give what a person needs to decide on a batch.

    Raises:
        ActeRefuse: no such batch.
    """
    with transaction(contexte.moteur) as session:
        return _resume(session, lot_ou_refus(session, lot))


def lot_ou_refus(session: Session, lot: int) -> Lot:
    """Read a batch by id.

    Raises:
        ActeRefuse: no such batch.
    """
    trouve = session.get(Lot, lot)
    if trouve is None:
        raise ActeRefuse(f"Le lot n° {lot} n'existe pas.")
    return trouve


def _resume(session: Session, lot: Lot) -> ResumeLot:
    lignes = tuple(
        LigneResume(
            structure.code,
            structure.nom,
            partenaire.nom,
            droit.montant_centimes or 0,
            ligne.montant_centimes,
            alertes_du_droit(session, droit),
        )
        for ligne, _, structure, partenaire, droit in lignes_du_lot(session, lot.id or 0)
    )
    return ResumeLot(
        lot.id or 0,
        lot.numero,
        lot.etape,
        lot.etat,
        lot.propose_par,
        lot.propose_le,
        lot.decide_par,
        lot.nombre,
        lot.total_centimes,
        lignes,
        "DÉMONSTRATION" if lot.demonstration else "",
        tuple(motifs_inscrits(session, "lot", lot.numero, LIBERATION_REFUSEE)),
        lot.motif,
    )


def decider_lot(
    contexte: Contexte, lot: int, decision: EtatLot, par: str, motif: str = "", jour: date | None = None
) -> None:
    """Release (LIBERE) or turn down (REFUSE) a proposed batch. The same decision again by the same person is nothing.

    A decision turned down is written in the journal before it is said.

    Raises:
        ActeRefuse: no such batch, not entitled, already decided otherwise, a refusal without reason, a right that has
            changed since the proposal, or the person who proposed it: that one is refused by the database itself.
    """
    instant = contexte.maintenant(jour)
    numero = resume_lot(contexte, lot).numero
    try:
        contexte.exiger_droit(par, "liberer")
        if decision is EtatLot.REFUSE and not motif.strip():
            raise ActeRefuse("Un refus dit pourquoi : le motif est attendu.")
        with transaction(contexte.moteur) as session:
            trouve = lot_ou_refus(session, lot)
            if decision is EtatLot.LIBERE and trouve.etat is EtatLot.PROPOSE:
                _exiger_actuel(contexte, session, trouve)
            _decider(session, trouve, decision, par, motif, instant)
    except (ActeRefuse, IntegrityError) as erreur:
        refus = _refus(erreur)
        with transaction(contexte.moteur) as session:
            inscrire(session, le=instant, par=par, objet="lot", objet_id=numero, action=LIBERATION_REFUSEE,
                     motif=str(refus))  # fmt: skip
        raise refus from None


def _exiger_actuel(contexte: Contexte, session: Session, lot: Lot) -> None:
    """Refuse to release what a correction, a recomputation or another mode has overtaken since the proposal."""
    perimees = [
        structure.code
        for _, _, structure, _, droit in lignes_du_lot(session, lot.id or 0)
        if not _est_actuel(contexte, session, session.get_one(Declaration, droit.declaration_id), droit)
    ]
    if perimees:
        raise ActeRefuse(
            f"Depuis la proposition du lot {lot.numero}, le droit a changé ou n'est plus payable pour "
            f"{', '.join(perimees)} : refusez ce lot, puis proposez-en un nouveau."
        )


def _refus(erreur: ActeRefuse | IntegrityError) -> ActeRefuse:
    if isinstance(erreur, ActeRefuse):
        return erreur
    if "deux_personnes" not in str(erreur.orig):
        raise erreur
    return ActeRefuse("La base de données l'interdit : la personne qui a proposé un lot ne peut pas le libérer.")


def _decider(session: Session, lot: Lot, decision: EtatLot, par: str, motif: str, instant: datetime) -> None:
    if lot.etat is not EtatLot.PROPOSE:
        if lot.decide_par == par and decision in {lot.etat, EtatLot.LIBERE if lot.etat is EtatLot.EXPORTE else None}:
            return
        raise ActeRefuse(f"Le lot {lot.numero} a déjà été décidé par {lot.decide_par}.")
    session.exec(
        update(Lot)
        .where(col(Lot.id) == lot.id, col(Lot.etat) == EtatLot.PROPOSE)
        .values(etat=decision, decide_par=par, decide_le=instant, motif=motif)
    )
    apres = EtatVersement.LIBERE if decision is EtatLot.LIBERE else EtatVersement.DU
    for ligne, versement, *_ in lignes_du_lot(session, lot.id or 0):
        if decision is EtatLot.REFUSE:
            ligne.active = False
            session.add(ligne)
        _passer_versement(session, versement, apres, instant, f"lot {lot.numero}", par)
    inscrire(
        session,
        le=instant,
        par=par,
        objet="lot",
        objet_id=lot.numero,
        action="decider",
        avant=EtatLot.PROPOSE,
        apres=decision,
        motif=motif,
        details={"nombre": lot.nombre, "total": formater_euros(lot.total_centimes)},
    )

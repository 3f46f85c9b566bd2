"""The signatures of a batch: one person orders its payment, another gives it its visa, either turns it down.

Each signature checks again all that made the batch payable. What is turned down, and why, is in the journal before it
is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, update

from modeles.base import transaction
from modeles.journal import MOTIF_AU_PLUS, inscrire, inscrire_refus, verrouiller
from modeles.requetes_argent import LigneComplete, coordonnees_au, lignes_du_lot
from modeles.tables import Lot
from modeles.transitions import Acte, passer
from operations.codes import exiger_code
from operations.contexte import ActeRefuse, Contexte, exiger_court
from operations.fichiers_exportes import exiger_intacts
from operations.indus import retenues_perimees, rouvrir_les_indus, solder_les_indus
from operations.lots import DECISION_REFUSEE, lot_ou_refus, resume_lot
from operations.paiements import defauts_des_paiements, droits_actuels
from operations.resultats import conclure
from regles.etats import LOTS_PARTIS, LOTS_VISES, EtatLot, EtatVersement
from regles.monnaie import formater_euros

INTERDITS = {
    "deux_personnes": "La base de données l'interdit : la personne qui a proposé un lot ne peut pas l'ordonnancer.",
    "trois_personnes": (
        "La base de données l'interdit : la personne qui a proposé ou ordonnancé un lot ne peut pas le viser."
    ),
}
NOMMES_AU_PLUS = 5
ANNULABLES = frozenset({EtatLot.PROPOSE, EtatLot.ORDONNANCE, EtatLot.LIBERE})


def ordonner_lot(contexte: Contexte, lot: int, par: str, jour: date | None = None, code: str = "") -> None:
    """Sign a draft, before its visa. The same signature again by the same person is nothing.

    Raises:
        ActeRefuse: no such batch, not entitled, a wrong personal code, already signed by somebody else, something that
            has changed since the proposal, or the person who proposed it: that one is refused by the database itself.
    """
    instant = contexte.maintenant(jour)
    numero = resume_lot(contexte, lot).numero
    with _refus_inscrits(contexte, numero, par, instant):
        contexte.exiger_droit(par, "ordonner")
        exiger_code(contexte, par, code)
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            trouve = lot_ou_refus(session, lot)
            if trouve.ordonne_par == par and trouve.etat is not EtatLot.REFUSE:
                return
            if trouve.etat is not EtatLot.PROPOSE:
                raise ActeRefuse(f"Le lot {trouve.numero} {_deja(trouve)}.")
            exiger_payable(contexte, session, trouve, instant.date())
            _ecrire(session, trouve, EtatLot.ORDONNANCE, {"ordonne_par": par, "ordonne_le": instant})
            _inscrire(session, trouve, EtatLot.ORDONNANCE, Acte(instant, par, "ordonner"))


def decider_lot(
    contexte: Contexte,
    lot: int,
    decision: EtatLot,
    par: str,
    motif: str = "",
    jour: date | None = None,
    code: str = "",
) -> None:
    """Give a signed batch its visa (LIBERE), or turn a batch down until its export (REFUSE); the same again is nothing.

    Raises:
        ActeRefuse: no such batch, not entitled, a wrong personal code, not signed yet, already decided otherwise, a
            refusal without reason or with too long a one, something that has changed since the proposal, or the person
            who proposed or signed it: that one is refused by the database itself.
    """
    instant = contexte.maintenant(jour)
    numero = resume_lot(contexte, lot).numero
    with _refus_inscrits(contexte, numero, par, instant):
        _exiger_de_decider(contexte, par, decision)
        if decision is EtatLot.REFUSE and not motif.strip():
            raise ActeRefuse("Un refus dit pourquoi : le motif est attendu.")
        exiger_court(motif, MOTIF_AU_PLUS)
        exiger_code(contexte, par, code)
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            trouve = lot_ou_refus(session, lot)
            if _est_deja_prise(trouve, decision, par):
                return
            acte = Acte(instant, par, "decider", motif)
            if decision is EtatLot.REFUSE:
                annuler(session, trouve, acte)
            else:
                _viser(contexte, session, trouve, acte)


def transmettre_lot(contexte: Contexte, lot: int, par: str, jour: date | None = None, code: str = "") -> None:
    """Note that the file of a batch has been handed to the bank; its results are then awaited. Again: nothing.

    Raises:
        ActeRefuse: no such batch, not entitled, a wrong personal code, not exported, or files on the disk that miss or
            are no longer those of the export.
    """
    instant = contexte.maintenant(jour)
    contexte.exiger_droit(par, "liberer")
    exiger_code(contexte, par, code)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        trouve = lot_ou_refus(session, lot)
        if trouve.transmis_par is not None:
            return
        if trouve.etat is not EtatLot.EXPORTE:
            raise ActeRefuse(f"Le lot {trouve.numero} n'est pas exporté : il n'y a rien à transmettre.")
        exiger_intacts(contexte, session, trouve)
        trouve.transmis_par, trouve.transmis_le = par, instant
        passer(session, trouve, EtatLot.TRANSMIS, Acte(instant, par, "transmettre"))
        conclure(session, trouve, Acte(instant, par, "passer", "tout est retenu pour des indus"))


def annuler(session: Session, lot: Lot, acte: Acte) -> None:
    """Turn a batch down before its export: its dues are due again, what it withheld is owed again.

    Raises:
        ActeRefuse: it has left, or is turned down already.
    """
    if lot.etat not in ANNULABLES:
        raise ActeRefuse(f"Le lot {lot.numero} {_deja(lot)}.")
    avant = lot.etat
    decision = {"decide_par": acte.par, "decide_le": acte.le, "motif": acte.motif}
    _ecrire(session, lot, EtatLot.REFUSE, decision)
    rendu = Acte(acte.le, acte.par, "passer", f"lot {lot.numero}")
    lignes = lignes_du_lot(session, lot.id or 0)
    for ligne, versement, *_ in lignes:
        ligne.active = False
        session.add(ligne)
        session.flush()
        passer(session, versement, EtatVersement.DU, rendu)
    if avant is EtatLot.LIBERE:
        rouvrir_les_indus(session, [ligne for ligne, *_ in lignes], rendu)
    _inscrire(session, lot, EtatLot.REFUSE, acte, avant)


def revenir_en_brouillon(session: Session, lot: Lot, acte: Acte) -> None:
    """Take its signatures off a batch that has not left: what they signed is about to change. A draft stays as it is.

    The journal keeps who had signed.
    """
    if lot.etat is EtatLot.PROPOSE:
        return
    avant, signatures = lot.etat, {"ordonne_par": lot.ordonne_par, "decide_par": lot.decide_par}
    vides = {"ordonne_par": None, "ordonne_le": None, "decide_par": None, "decide_le": None, "motif": ""}
    _ecrire(session, lot, EtatLot.PROPOSE, vides)
    if avant is EtatLot.LIBERE:
        repris = Acte(acte.le, acte.par, "passer", f"lot {lot.numero}")
        lignes = lignes_du_lot(session, lot.id or 0)
        for _, versement, *_ in lignes:
            passer(session, versement, EtatVersement.EN_LOT, repris)
        rouvrir_les_indus(session, [ligne for ligne, *_ in lignes], repris)
    inscrire(
        session, le=acte.le, par=acte.par, objet="lot", objet_id=lot.numero, action="retirer les signatures",
        avant=avant, apres=EtatLot.PROPOSE, motif=acte.motif, details=signatures,
    )  # fmt: skip


def exiger_payable(contexte: Contexte, session: Session, lot: Lot, jour: date) -> None:
    """Check again, before a signature or the export, all that made each line payable when the batch was proposed.

    Raises:
        ActeRefuse: a right, a convention or an account that is no longer that of the proposal.
    """
    lignes = lignes_du_lot(session, lot.id or 0)
    _exiger_actuel(contexte, session, lot, lignes)
    _exiger_les_conventions(session, lot, lignes, jour)
    _exiger_les_comptes(session, lot, lignes, jour)


def _viser(contexte: Contexte, session: Session, lot: Lot, acte: Acte) -> None:
    if lot.etat is EtatLot.PROPOSE:
        raise ActeRefuse(
            f"Le lot {lot.numero} n'est pas encore ordonnancé : une autre personne le signe d'abord (campagnes "
            f"ordonner {lot.id})."
        )
    if lot.etat is not EtatLot.ORDONNANCE:
        raise ActeRefuse(f"Le lot {lot.numero} {_deja(lot)}.")
    exiger_payable(contexte, session, lot, acte.le.date())
    _ecrire(session, lot, EtatLot.LIBERE, {"decide_par": acte.par, "decide_le": acte.le, "motif": acte.motif})
    libere = Acte(acte.le, acte.par, "passer", f"lot {lot.numero}")
    for _, versement, *_ in lignes_du_lot(session, lot.id or 0):
        passer(session, versement, EtatVersement.LIBERE, libere)
    solder_les_indus(session, lot, libere)
    _inscrire(session, lot, EtatLot.LIBERE, acte, EtatLot.ORDONNANCE)


def _exiger_de_decider(contexte: Contexte, par: str, decision: EtatLot) -> None:
    """Check that somebody may give the visa; whoever signs a batch may turn it down as well."""
    if decision is EtatLot.REFUSE and "ordonner" in contexte.exiger_personne(par).peut:
        return
    contexte.exiger_droit(par, "liberer")


def _est_deja_prise(lot: Lot, decision: EtatLot, par: str) -> bool:
    atteints = LOTS_VISES if decision is EtatLot.LIBERE else {decision}
    return lot.decide_par == par and lot.etat in atteints


def _deja(lot: Lot) -> str:
    """Say where a batch stands that cannot be signed any more."""
    if lot.etat in LOTS_PARTIS:
        return f"a déjà été décidé par {lot.decide_par} et exporté"
    if lot.decide_par is not None:
        return f"a déjà été décidé par {lot.decide_par}"
    return f"a déjà été ordonnancé par {lot.ordonne_par}"


def _ecrire(session: Session, lot: Lot, apres: EtatLot, valeurs: Mapping[str, object]) -> None:
    """Change a batch from the state it was read in, whoever else decides at the same time."""
    ecrite = session.exec(
        update(Lot).where(col(Lot.id) == lot.id, col(Lot.etat) == lot.etat).values(etat=apres, **valeurs)
    )
    if ecrite.rowcount != 1:
        raise ActeRefuse(f"Le lot {lot.numero} vient d'être décidé par quelqu'un d'autre.")
    session.refresh(lot)


def _inscrire(session: Session, lot: Lot, apres: EtatLot, acte: Acte, avant: EtatLot = EtatLot.PROPOSE) -> None:
    inscrire(
        session, le=acte.le, par=acte.par, objet="lot", objet_id=lot.numero, action=acte.action, avant=avant,
        apres=apres, motif=acte.motif,
        details={"nombre": lot.nombre, "total": formater_euros(lot.total_centimes)},
    )  # fmt: skip


@contextmanager
def _refus_inscrits(contexte: Contexte, numero: str, par: str, instant: datetime) -> Iterator[None]:
    """Write in the journal why a signature was turned down, then say it."""
    try:
        yield
    except (ActeRefuse, IntegrityError) as erreur:
        refus = _refus(erreur)
        with transaction(contexte.moteur) as session:
            inscrire_refus(session, le=instant, par=par, objet="lot", objet_id=numero, action=DECISION_REFUSEE,
                           refus=str(refus))  # fmt: skip
        raise refus from None


def _refus(erreur: ActeRefuse | IntegrityError) -> ActeRefuse:
    if isinstance(erreur, ActeRefuse):
        return erreur
    for contrainte, phrase in INTERDITS.items():
        if contrainte in str(erreur.orig):
            return ActeRefuse(phrase)
    raise erreur


def _exiger_actuel(contexte: Contexte, session: Session, lot: Lot, lignes: Sequence[LigneComplete]) -> None:
    """Refuse what a correction, a recomputation or another mode has overtaken since the proposal."""
    actuels = droits_actuels(contexte, session, [droit for *_, droit in lignes])
    perimees = []
    for ligne, _, structure, _, droit in lignes:
        if droit.id not in actuels:
            perimees.append(structure.code)
        elif ligne.retenue_centimes and (indus := retenues_perimees(contexte, session, ligne)):
            perimees.append(f"{structure.code} (indu retenu sur son versement : {', '.join(indus)})")
    if perimees:
        raise ActeRefuse(
            f"Depuis la proposition du lot {lot.numero}, le droit a changé ou n'est plus payable pour "
            f"{_citer(perimees)} : refusez ce lot, puis proposez-en un nouveau."
        )


def _exiger_les_conventions(session: Session, lot: Lot, lignes: Sequence[LigneComplete], jour: date) -> None:
    """Refuse what a convention no longer covers since the proposal."""
    a_payer = [(s, p, v.exercice) for _, v, s, p, _ in lignes]
    for (structure, _, _), defauts in zip(a_payer, defauts_des_paiements(session, a_payer, jour), strict=True):
        if defauts:
            raise ActeRefuse(
                f"Depuis la proposition du lot {lot.numero}, {structure.code} n'est plus payable : {defauts[0]} "
                "Refusez ce lot, puis proposez-en un nouveau."
            )


def _exiger_les_comptes(session: Session, lot: Lot, lignes: Sequence[LigneComplete], jour: date) -> None:
    """Refuse to pay to an account that another one has replaced: a line keeps the account of its proposal."""
    changes = []
    comptes = coordonnees_au(session, {partenaire.id or 0 for *_, partenaire, _ in lignes}, jour)
    for ligne, _, structure, partenaire, _ in lignes:
        compte = comptes.get(partenaire.id or 0)
        if compte is None or compte.id != ligne.coordonnee_id:
            changes.append(f"{structure.code} ({partenaire.nom})")
    if changes:
        raise ActeRefuse(
            f"Depuis la proposition du lot {lot.numero}, le compte bancaire a changé pour {_citer(changes)} : "
            "refusez ce lot, puis proposez-en un nouveau."
        )


def _citer(noms: Sequence[str]) -> str:
    """Name the first of many, and count the others."""
    autres = len(noms) - NOMMES_AU_PLUS
    return ", ".join(noms[:NOMMES_AU_PLUS]) + (f" et {autres} autre(s)" if autres > 0 else "")

"""From dues to a batch: one person proposes it, indus are withheld; and what it says to those who sign it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import actes_sur, verrouiller
from modeles.requetes_argent import (
    alertes_du_droit,
    compte_deja_paye,
    coordonnee_au,
    lignes_du_lot,
    lots_de_l_etape,
    ouverts_de_l_etape,
    suspendus,
)
from modeles.requetes_lots import paiements_anterieurs
from modeles.tables import LigneLot, Lot, Partenaire, Structure, Versement
from modeles.transitions import Acte, consigner, passer
from operations.codes import exiger_code
from operations.configuration import etape
from operations.contexte import ActeRefuse, Contexte
from operations.indus import Imputation, imputer
from operations.paiements import defauts_des_paiements, droits_actuels
from regles.etats import LOTS_A_SIGNER, EtatLot, EtatVersement, NatureVersement

DECISION_REFUSEE = "decision_refusee"


@dataclass(frozen=True, slots=True)
class LigneResume:
    """One beneficiary of a batch. Amounts in cents; `alertes` counts those of its declaration.

    `du_centimes` is what the right makes due, `montant_centimes` what is paid once the indus are withheld.
    `compte_nouveau`: no batch released before paid to that account. `precedent_centimes`: what the last payment of the
    same kind was, None for a first one.
    """

    structure: str
    nom: str
    gestionnaire: str
    droit_centimes: int
    montant_centimes: int
    alertes: int = 0
    retenue_centimes: int = 0
    nature: NatureVersement = NatureVersement.SOLDE
    compte_nouveau: bool = False
    precedent_centimes: int | None = None

    @property
    def du_centimes(self) -> int:
        """The due, in cents: what is paid plus what is withheld."""
        return self.montant_centimes + self.retenue_centimes


@dataclass(frozen=True, slots=True)
class ResumeLot:
    """What a person needs to sign a batch. `tentatives_refusees`: why each signature so far was turned down.

    `motif` is the reason of the decision once taken. `actes` counts what the journal says of it: whatever happens to it
    changes that number. `dernier_refus`: why the last act on it was turned down, "" when it was not.
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
    ordonne_par: str | None = None
    actes: int = 0
    dernier_refus: str = ""

    @property
    def comptes_nouveaux(self) -> tuple[str, ...]:
        """The structures whose money goes to an account never paid before."""
        return tuple(ligne.structure for ligne in self.lignes if ligne.compte_nouveau)

    @property
    def ecarts(self) -> tuple[LigneResume, ...]:
        """The lines that do not pay what the last payment of their kind did, the biggest change first."""
        changees = [li for li in self.lignes if li.precedent_centimes not in {None, li.montant_centimes}]
        return tuple(sorted(changees, key=lambda li: -abs(li.montant_centimes - (li.precedent_centimes or 0))))

    @property
    def retenue_centimes(self) -> int:
        """What the batch withholds for indus, in cents."""
        return sum(ligne.retenue_centimes for ligne in self.lignes)


@dataclass(frozen=True, slots=True)
class _Du:
    versement: Versement
    structure: Structure
    partenaire: Partenaire


def proposer_lot(
    contexte: Contexte, identifiant: str, par: str, jour: date | None = None, code: str = ""
) -> int | None:
    """Gather the dues of a step into a frozen batch and give its id, or None when nothing is due.

    The open indus of each partner are withheld, oldest first, under the cap of the convention. When nothing is new, the
    batch that still waits for a signature is given again: proposing twice proposes once. A suspended due is left out.

    Raises:
        ActeRefuse: a person who may not propose, or a wrong personal code.
    """
    etape(contexte, identifiant)
    contexte.exiger_droit(par, "proposer")
    exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        dus = _dus_payables(contexte, session, identifiant, instant.date())
        anterieurs = lots_de_l_etape(session, identifiant)
        if not dus:
            return next((lot.id for lot in anterieurs if lot.etat in LOTS_A_SIGNER), None)
        imputations = imputer(
            contexte, session, [(d.versement, d.structure, d.partenaire) for d in dus], instant.date()
        )
        net = sum(d.versement.montant_centimes - _retenu(imputations, d.versement) for d in dus)
        lot = Lot(
            numero=f"{identifiant}-lot-{len(anterieurs) + 1:02d}",
            etape=identifiant,
            etat=EtatLot.PROPOSE,
            propose_par=par,
            propose_le=instant,
            nombre=len(dus),
            total_centimes=net,
            demonstration=contexte.reglages.demonstration,
        )
        session.add(lot)
        session.flush()
        acte = Acte(instant, par, "passer", f"lot {lot.numero}")
        for du in dus:
            _ajouter_ligne(session, lot, du, imputations.get(du.versement.reference, ()), acte)
        retenu = sum(i.montant_centimes for lignes in imputations.values() for i in lignes)
        details = {"nombre": lot.nombre, "total_centimes": net, "retenue_centimes": retenu}
        consigner(session, lot, Acte(instant, par, "proposer"), details)
        return lot.id


def _dus_payables(contexte: Contexte, session: Session, identifiant: str, jour: date) -> list[_Du]:
    retenus = suspendus(session)
    ouverts = [
        (versement, droit)
        for versement, droit, _ in ouverts_de_l_etape(session, identifiant)
        if versement.etat is EtatVersement.DU and versement.id not in retenus
    ]
    actuels = droits_actuels(contexte, session, [droit for _, droit in ouverts])
    dus = []
    for versement, droit in ouverts:
        if droit.id in actuels:
            structure = session.get_one(Structure, versement.structure_id)
            dus.append(_Du(versement, structure, session.get_one(Partenaire, structure.partenaire_id)))
    a_payer = [(du.structure, du.partenaire, du.versement.exercice) for du in dus]
    return [du for du, d in zip(dus, defauts_des_paiements(session, a_payer, jour), strict=True) if not d]


def _retenu(imputations: Mapping[str, Iterable[Imputation]], versement: Versement) -> int:
    return sum(i.montant_centimes for i in imputations.get(versement.reference, ()))


def _ajouter_ligne(session: Session, lot: Lot, du: _Du, imputations: Iterable[Imputation], acte: Acte) -> None:
    retenues = tuple(imputations)
    retenu = sum(i.montant_centimes for i in retenues)
    compte = coordonnee_au(session, du.partenaire.id or 0, acte.le.date())
    ligne = LigneLot(
        lot_id=lot.id or 0,
        versement_id=du.versement.id or 0,
        montant_centimes=du.versement.montant_centimes - retenu,
        retenue_centimes=retenu,
        coordonnee_id=compte.id if compte else None,
    )
    session.add(ligne)
    session.flush()
    session.add_all(i.en_recouvrement(ligne.id or 0, lot.numero, acte) for i in retenues)
    passer(session, du.versement, EtatVersement.EN_LOT, acte)


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
    precedents = {
        (v.structure_id, v.prestation, v.nature): ligne.montant_centimes
        for v, ligne, _ in paiements_anterieurs(session, lot)
    }
    actes = actes_sur(session, "lot", lot.numero)
    refus = tuple(acte.motif for acte in actes if acte.action == DECISION_REFUSEE)
    lignes = tuple(
        LigneResume(
            structure.code,
            structure.nom,
            partenaire.nom,
            droit.montant_centimes or 0,
            ligne.montant_centimes,
            alertes_du_droit(session, droit),
            ligne.retenue_centimes,
            versement.nature,
            ligne.coordonnee_id is not None and not compte_deja_paye(session, ligne.coordonnee_id, lot),
            precedents.get((versement.structure_id, versement.prestation, versement.nature)),
        )
        for ligne, versement, structure, partenaire, droit in lignes_du_lot(session, lot.id or 0)
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
        refus,
        lot.motif,
        lot.ordonne_par,
        len(actes),
        refus[-1] if actes[-1:] and actes[-1].action == DECISION_REFUSEE else "",
    )

"""What the bank says of each line of a batch: paid, or rejected and due again; the batch is executed in the end."""

from sqlmodel import Session, select

from modeles.journal import inscrire
from modeles.tables import LigneLot, Lot, Versement
from modeles.transitions import Acte, passer
from operations.contexte import ActeRefuse
from operations.indus import rouvrir_les_indus
from regles.etats import EtatLigne, EtatLot, EtatVersement, verifier_transition

RESULTATS = frozenset({EtatLigne.PAYEE, EtatLigne.REJETEE})


def noter_resultat(session: Session, ligne: LigneLot, etat: EtatLigne, code: str, acte: Acte) -> bool:
    """Note what became of a line (PAYEE, or REJETEE with the bank's code), in the caller's transaction.

    A rejected due is due again, and what was withheld on it is owed again; the batch is executed once every line is
    settled. The same result again is nothing. `acte.motif` says where the result comes from. Gives whether it was news.

    Raises:
        ActeRefuse: another result is already written, the line awaits none, its batch was not handed to the bank, or a
            rejection without code (a payment with one).
    """
    lot, versement = session.get_one(Lot, ligne.lot_id), session.get_one(Versement, ligne.versement_id)
    if etat not in RESULTATS or (etat is EtatLigne.REJETEE) is not bool(code.strip()):
        raise ActeRefuse("Une ligne de lot est payée, ou rejetée avec le code de la banque.")
    if (ligne.etat, ligne.code_rejet) == (etat, code.strip()):
        return False
    if ligne.etat is not EtatLigne.EN_ATTENTE or not ligne.active:
        raise ActeRefuse(
            f"La ligne {versement.reference} du lot {lot.numero} est déjà « {ligne.etat.value} » : un autre résultat "
            "ne s'y écrit pas. Un virement revenu après son paiement se contre-passe (campagnes contrepasser)."
        )
    if lot.etat is not EtatLot.TRANSMIS:
        raise ActeRefuse(
            f"Le lot {lot.numero} n'est pas transmis à la banque : notez d'abord sa transmission (campagnes "
            f"transmettre {lot.id})."
        )
    _ecrire(session, ligne, etat, code.strip(), acte)
    inscrire(
        session, le=acte.le, par=acte.par, objet="versement", objet_id=versement.reference, action=acte.action,
        avant=EtatLigne.EN_ATTENTE, apres=etat, motif=acte.motif, details={"lot": lot.numero, "code": ligne.code_rejet},
    )  # fmt: skip
    if etat is EtatLigne.REJETEE:
        rendu = Acte(acte.le, acte.par, "passer", f"rejeté par la banque ({ligne.code_rejet}), lot {lot.numero}")
        passer(session, versement, EtatVersement.DU, rendu)
        rouvrir_les_indus(session, [ligne], rendu)
    conclure(session, lot, acte)
    return True


def _ecrire(session: Session, ligne: LigneLot, etat: EtatLigne, code: str, acte: Acte) -> None:
    verifier_transition(ligne.etat, etat)
    ligne.etat, ligne.code_rejet, ligne.resultat_le = etat, code, acte.le
    ligne.active = etat is EtatLigne.PAYEE
    session.add(ligne)
    session.flush()


def conclure(session: Session, lot: Lot, acte: Acte) -> None:
    """Say that a batch handed to the bank is executed, once no line with something to pay awaits its result.

    What was withheld whole sent nothing to the bank: it is settled with the batch.
    """
    attendues = session.exec(
        select(LigneLot).where(LigneLot.lot_id == lot.id, LigneLot.etat == EtatLigne.EN_ATTENTE)
    ).all()
    if lot.etat is not EtatLot.TRANSMIS or any(ligne.montant_centimes for ligne in attendues):
        return
    for ligne in attendues:
        _ecrire(session, ligne, EtatLigne.PAYEE, "", acte)
    passer(session, lot, EtatLot.EXECUTE, Acte(acte.le, acte.par, "passer", acte.motif))

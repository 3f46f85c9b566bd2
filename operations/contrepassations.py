"""A payment taken back after the bank made it: a row of its own, never an edit.

For money that did not reach who it was due to, or that the bank sends back: what the bank paid is owed back whole, that
part of the right is to be paid again, and what comes back is recorded like any repayment. What was withheld on it never
left and stays recovered. The entry is never withheld on another due of the partner, who did not have the money. A
payment that the partner did receive and no longer deserves needs none of this: its right is corrected, and the indu
follows from it.
"""

from datetime import date

from sqlmodel import select

from modeles.base import transaction
from modeles.journal import MOTIF_AU_PLUS, verrouiller
from modeles.requetes_argent import ligne_active, versements_de_la_structure
from modeles.tables import Structure, Versement
from modeles.transitions import Acte, consigner
from operations.codes import exiger_code
from operations.contexte import ActeRefuse, Contexte, exiger_court
from regles.etats import EtatLigne, EtatVersement, NatureVersement


def contrepasser(
    contexte: Contexte, reference: str, motif: str, par: str, jour: date | None = None, code: str = ""
) -> str:
    """Take back a due that the bank has paid; give the reference of the entry. Again: the same one.

    Raises:
        ActeRefuse: a person who gives no visa, a wrong personal code, no reason, or a due that the bank has not paid,
            be it because all of it was withheld.
    """
    contexte.exiger_droit(par, "liberer")
    if not motif.strip():
        raise ActeRefuse("Une contre-passation dit pourquoi : le motif est attendu.")
    exiger_court(motif, MOTIF_AU_PLUS)
    exiger_code(contexte, par, code)
    acte = Acte(contexte.maintenant(jour), par, "contrepasser", motif.strip())
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        paye = session.exec(select(Versement).where(Versement.reference == reference)).first()
        if paye is None:
            raise ActeRefuse(f"Aucun versement ne porte la référence « {reference} ».")
        deja = session.exec(select(Versement).where(Versement.contrepasse_id == paye.id)).first()
        if deja is not None:
            return deja.reference
        tenue = ligne_active(session, paye.id or 0)
        if tenue is None or tenue[0].etat is not EtatLigne.PAYEE:
            raise ActeRefuse(
                f"{reference} n'est pas payé d'après la banque : avant son export il se suspend, ensuite on attend son "
                "résultat (payé ou rejeté)."
            )
        centimes = tenue[0].montant_centimes
        if not centimes:
            raise ActeRefuse(
                f"{reference} est retenu en entier pour des indus : rien n'est parti à la banque, rien n'en revient. "
                "Si son droit était faux, corrigez la déclaration."
            )
        connus = versements_de_la_structure(session, paye.structure_id, paye.exercice)
        structure = session.get_one(Structure, paye.structure_id)
        ecriture = Versement(
            structure_id=paye.structure_id,
            prestation=paye.prestation,
            exercice=paye.exercice,
            nature=NatureVersement.INDU,
            montant_centimes=centimes,
            droit_id=paye.droit_id,
            rang=1 + sum(v.droit_id == paye.droit_id for v in connus),
            etape=paye.etape,
            etat=EtatVersement.A_RECOUVRER,
            reference=f"{paye.exercice}-{paye.prestation}-{structure.code}-{len(connus) + 1:02d}",
            cree_le=acte.le,
            contrepasse_id=paye.id,
        )
        session.add(ecriture)
        session.flush()
        details = {"montant_centimes": centimes, "contrepasse": reference}
        consigner(session, ecriture, acte, details)
        return ecriture.reference

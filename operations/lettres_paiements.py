"""The notice of payment: what the bank has paid, what it covers, what was withheld and why."""

from datetime import date

from sqlmodel import Session, select

from echanges.courriel.vues_paiements import PaiementCite, VuePaiements
from echanges.sepa.modele import reference_bancaire
from modeles.requetes_argent import retenues_de_la_ligne
from modeles.tables import Contact, CoordonneeBancaire, Courriel, Droit, LigneLot, Lot, Partenaire, Structure, Versement
from operations.configuration import etape
from operations.contexte import Contexte
from operations.droits import page_du_droit
from operations.projets import Projet, SansObjet, cadre_de, citer
from regles.comptes import masquer
from regles.etats import EtatLigne

PAIEMENT = "avis_paiement"


def projeter_paiements(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact
) -> Projet | SansObjet:
    """Speak of the lines that the bank has paid, as they stand now."""
    payees = session.exec(
        select(LigneLot, Versement, Structure, Droit)
        .where(
            LigneLot.versement_id == Versement.id,
            Versement.structure_id == Structure.id,
            Versement.droit_id == Droit.id,
            LigneLot.etat == EtatLigne.PAYEE,
            LigneLot.lot_id == Lot.id,
            Lot.numero == courriel.contexte["lot"],
        )
        .order_by(Structure.code, Versement.reference)
    ).all()
    siennes = [p for p in payees if p[1].reference in courriel.contexte["references"]]
    if not siennes:
        return SansObjet("la banque n'a rien payé de ce qui y était annoncé")
    cites, pages, structures = [], [], []
    for ligne, versement, structure, droit in siennes:
        nom = f"calcul-{versement.exercice}-{structure.code}-{versement.nature}.html"
        partenaire = session.get_one(Partenaire, structure.partenaire_id)
        pages.append((nom, page_du_droit(contexte, droit, structure, partenaire)))
        structures.append(structure)
        cites.append(
            PaiementCite(
                reference_bancaire(versement.reference), citer(contexte, structure), versement.exercice,
                versement.nature.value, droit.montant_centimes or 0, versement.montant_centimes, ligne.montant_centimes,
                tuple((i.reference, r.montant_centimes) for r, i in retenues_de_la_ligne(session, ligne.id or 0)), nom,
            )
        )  # fmt: skip
    jour = courriel.contexte["le"]
    vue = VuePaiements(
        cadre_de(contexte, contact, structures),
        courriel.contexte["lot"],
        date.fromisoformat(jour) if jour else None,
        _compte(session, siennes[0][0]),
        tuple(cites),
    )
    code = session.get_one(Partenaire, contact.partenaire_id).code
    reglee = etape(contexte, courriel.etape)
    return Projet(PAIEMENT, contact.nom, contact.courriel, code, vue, reglee, pages=tuple(pages))


def _compte(session: Session, ligne: LigneLot) -> str:
    compte = None if ligne.coordonnee_id is None else session.get_one(CoordonneeBancaire, ligne.coordonnee_id)
    return masquer(compte.iban) if compte else ""

"""The file of transfers of a released batch: written, then read again by a reader that knows nothing of the writing.

What each transfer is called (its EndToEndId) is kept on its line: the bank answers by it, and it is never given again.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from echanges.sepa.ecriture import ecrire
from echanges.sepa.modele import (
    Emetteur,
    OrdreDeVirement,
    Virement,
    identifiant_du_lot,
    identifiant_du_virement,
    reference_bancaire,
)
from echanges.sepa.relecture import OrdreAttendu, PaiementAttendu, relire
from modeles.requetes_argent import lignes_du_lot
from modeles.requetes_lots import (
    comptes_du_lot,
    identifiants_exportes,
    paiements_du_lot,
    payes_par_le_lot,
    references_exportees,
)
from modeles.tables import LigneLot, Lot, Structure, Versement
from operations.configuration import reglages_finance
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS
from regles.dates import jours_ouvres_apres
from schemas.configuration.finance import ReglagesFinance, fermetures_t2

FAUTES_DITES = 5
SANS_COMPTE = (
    "Aucun fichier de virements : le compte de la Caf est « inconnu ». La direction comptable et financière l'écrit "
    "dans config/finance.yaml (emetteur)."
)


def est_possible(contexte: Contexte) -> bool:
    """Whether the account that pays is known."""
    return reglages_finance(contexte).emetteur.est_connu


def fichier_de_virements(contexte: Contexte, session: Session, lot: Lot, instant: datetime) -> bytes:
    """Give the bytes of the file of a batch, b"" when indus withhold all of it; each line keeps its identifier.

    Raises:
        ActeRefuse: the file read again has a fault. Nothing leaves.
    """
    reglages = reglages_finance(contexte)
    virements = _virements(session, lot)
    if not virements:
        return b""
    octets = ecrire(_ordre(lot, [virement for _, virement in virements], reglages, instant))
    fautes = relire(octets, _attendu(session, lot, reglages, instant))
    if fautes:
        dites = " ".join(fautes[:FAUTES_DITES])
        autres = f" (et {len(fautes) - FAUTES_DITES} autres)" if len(fautes) > FAUTES_DITES else ""
        raise ActeRefuse(f"Le fichier de virements du lot {lot.numero} ne peut pas partir : {dites}{autres}")
    for ligne, virement in virements:
        ligne.bout_en_bout = virement.identifiant
        session.add(ligne)
    session.flush()
    return octets


def _virements(session: Session, lot: Lot) -> list[tuple[LigneLot, Virement]]:
    comptes = comptes_du_lot(session, lot.id or 0)
    lignes = session.exec(select(LigneLot.id).where(LigneLot.lot_id == lot.id).order_by(col(LigneLot.id)))
    rangs = {identifiant: rang for rang, identifiant in enumerate(lignes, start=1)}
    virements = []
    for ligne, versement, structure, partenaire, _ in lignes_du_lot(session, lot.id or 0):
        if not ligne.montant_centimes:
            continue
        compte = comptes.get(ligne.coordonnee_id or 0)
        virement = Virement(
            identifiant_du_virement(lot.numero, rangs[ligne.id]),
            compte.titulaire if compte else partenaire.nom,
            compte.iban if compte else "",
            ligne.montant_centimes,
            _libelle(versement, structure),
            partenaire.adresse,
        )
        virements.append((ligne, virement))
    return virements


def _ordre(lot: Lot, virements: Iterable[Virement], reglages: ReglagesFinance, instant: datetime) -> OrdreDeVirement:
    emetteur = reglages.emetteur
    exporte_le = instant.astimezone(PARIS).date()
    return OrdreDeVirement(
        lot=lot.numero,
        cree_le=instant,
        execution_le=jours_ouvres_apres(exporte_le, reglages.virement.jours_ouvres, fermetures_t2()),
        emetteur=Emetteur(emetteur.nom, emetteur.iban, emetteur.bic_connu),
        virements=tuple(virements),
        objet=reglages.virement.objet,
        adresse=reglages.virement.adresse,
    )


def _libelle(versement: Versement, structure: Structure) -> str:
    """Say on the partner's bank statement what is paid: « CAF EAJE 2025 solde EAJE01 2025-EAJE-EAJE01-01 »."""
    quoi = f"{versement.prestation} {versement.exercice} {versement.nature}"
    return f"CAF {quoi} {structure.code}".replace("_", " ") + f" {reference_bancaire(versement.reference)}"


def _attendu(session: Session, lot: Lot, reglages: ReglagesFinance, instant: datetime) -> OrdreAttendu:
    payes = payes_par_le_lot(session, lot.id or 0)
    return OrdreAttendu(
        lot=lot.numero,
        identifiant=identifiant_du_lot(lot.numero),
        compte_debite=reglages.emetteur.iban,
        paiements=[
            PaiementAttendu(rang, reference_bancaire(reference), iban or "", centimes, payes[reference].adresse)
            for rang, reference, centimes, iban in paiements_du_lot(session, lot.id or 0)
        ],
        deja_payees={reference_bancaire(r) for r in references_exportees(session, lot.id or 0)},
        deja_employes={nom or reference_bancaire(r) for nom, r in identifiants_exportes(session, lot.id or 0)},
        exporte_le=instant.astimezone(PARIS).date(),
        fermetures=fermetures_t2(),
        adresse=reglages.virement.adresse,
    )

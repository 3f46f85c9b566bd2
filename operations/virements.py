"""The file of transfers of a released batch: written, then read again by a reader that knows nothing of the writing."""

from datetime import datetime

from sqlmodel import Session

from echanges.sepa.ecriture import ecrire
from echanges.sepa.modele import Emetteur, OrdreDeVirement, Virement, identifiant_du_lot, reference_bancaire
from echanges.sepa.relecture import OrdreAttendu, PaiementAttendu, relire
from modeles.requetes_argent import lignes_du_lot
from modeles.requetes_lots import comptes_du_lot, paiements_du_lot, references_exportees
from modeles.tables import Lot, Structure, Versement
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
    """Give the bytes of the file of a batch, b"" when indus withhold all of it.

    Raises:
        ActeRefuse: the file read again has a fault. Nothing leaves.
    """
    reglages = reglages_finance(contexte)
    ordre = _ordre(session, lot, reglages, instant)
    if not ordre.virements:
        return b""
    octets = ecrire(ordre)
    fautes = relire(octets, _attendu(session, lot, reglages, instant))
    if fautes:
        dites = " ".join(fautes[:FAUTES_DITES])
        autres = f" (et {len(fautes) - FAUTES_DITES} autres)" if len(fautes) > FAUTES_DITES else ""
        raise ActeRefuse(f"Le fichier de virements du lot {lot.numero} ne peut pas partir : {dites}{autres}")
    return octets


def _ordre(session: Session, lot: Lot, reglages: ReglagesFinance, instant: datetime) -> OrdreDeVirement:
    emetteur = reglages.emetteur
    exporte_le = instant.astimezone(PARIS).date()
    comptes = comptes_du_lot(session, lot.id or 0)
    virements = []
    for ligne, versement, structure, partenaire, _ in lignes_du_lot(session, lot.id or 0):
        if not ligne.montant_centimes:
            continue
        compte = comptes.get(ligne.coordonnee_id or 0)
        virements.append(
            Virement(
                reference_bancaire(versement.reference),
                compte.titulaire if compte else partenaire.nom,
                compte.iban if compte else "",
                ligne.montant_centimes,
                _libelle(versement, structure),
            )
        )
    return OrdreDeVirement(
        lot=lot.numero,
        cree_le=instant,
        execution_le=jours_ouvres_apres(exporte_le, reglages.virement.jours_ouvres, fermetures_t2()),
        emetteur=Emetteur(emetteur.nom, emetteur.iban, emetteur.bic_connu),
        virements=tuple(virements),
        objet=reglages.virement.objet,
    )


def _libelle(versement: Versement, structure: Structure) -> str:
    """Say on the partner's bank statement what is paid: « CAF EAJE 2025 solde EAJE01 2025-EAJE-EAJE01-01 »."""
    quoi = f"{versement.prestation} {versement.exercice} {versement.nature}"
    return f"CAF {quoi} {structure.code} {versement.reference}".replace("_", " ")


def _attendu(session: Session, lot: Lot, reglages: ReglagesFinance, instant: datetime) -> OrdreAttendu:
    return OrdreAttendu(
        identifiant=identifiant_du_lot(lot.numero),
        compte_debite=reglages.emetteur.iban,
        paiements={
            reference_bancaire(reference): PaiementAttendu(iban or "", centimes)
            for reference, centimes, iban in paiements_du_lot(session, lot.id or 0)
        },
        deja_payees={reference_bancaire(r) for r in references_exportees(session, lot.id or 0)},
        exporte_le=instant.astimezone(PARIS).date(),
        fermetures=fermetures_t2(),
    )

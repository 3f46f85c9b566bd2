"""The letters about an indu: told with its calculation, or cancelled."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from echanges.courriel.vues import InduCite, VueIndus
from modeles.requetes_argent import indus_par_reference, versements_de_la_structure
from modeles.tables import Contact, Courriel, Partenaire, Structure, Versement
from operations.configuration import etape
from operations.contexte import Contexte
from operations.droits import page_du_droit
from operations.indus import part_retenue
from operations.projets import Projet, SansObjet, cadre_de, citer
from regles.calendrier import PARIS
from regles.etats import EtatCourriel, EtatVersement, NatureVersement
from regles.monnaie import formater_nombre

INDU = "indu"
ANNULATION = "indu_annule"


def projeter_indus(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Speak of the indus that stand, or when they were cancelled, of those that no other one replaces."""
    reglee = etape(contexte, courriel.etape)
    annonce = courriel.genre == INDU
    retenus = [
        (indu, structure, droit)
        for indu, structure, droit in indus_par_reference(session, courriel.contexte["indus"])
        if (indu.etat is not EtatVersement.ANNULE if annonce else not _est_remplace(session, indu))
    ]
    if not retenus:
        return SansObjet("l'indu est annulé" if annonce else "un autre indu, annoncé à part, le remplace")
    gestionnaires = {s.id: session.get_one(Partenaire, s.partenaire_id) for _, s, _ in retenus}
    cites, pages = [], []
    for indu, structure, droit in retenus:
        nom = f"calcul-{indu.exercice}-{structure.code}.html" if annonce else ""
        le = _annonce_le(session, contact, indu)
        cites.append(
            InduCite(
                indu.reference, citer(contexte, structure), indu.exercice, droit.montant_centimes or 0,
                indu.montant_centimes, nom, le,
            )
        )  # fmt: skip
        if annonce:
            pages.append((nom, page_du_droit(contexte, droit, structure, gestionnaires[structure.id])))
    structures = [s for _, s, _ in retenus]
    retenue = _dire_la_retenue(contexte, session, structures, jour) if annonce else ""
    vue = VueIndus(cadre_de(contexte, contact, structures), reglee.libelle, tuple(cites), retenue)
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(courriel.genre, contact.nom, contact.courriel, partenaire, vue, reglee, pages=tuple(pages))


def _est_remplace(session: Session, indu: Versement) -> bool:
    return any(
        autre.nature is NatureVersement.INDU and autre.etat is not EtatVersement.ANNULE
        for autre in versements_de_la_structure(session, indu.structure_id, indu.exercice)
    )


def _annonce_le(session: Session, contact: Contact, indu: Versement) -> date | None:
    """Give the day a mail last told this person of the indu, or of a cancelled one of the same exercice."""
    annules = {
        v.reference
        for v in versements_de_la_structure(session, indu.structure_id, indu.exercice)
        if v.nature is NatureVersement.INDU and v.etat is EtatVersement.ANNULE
    }
    envoyes = session.exec(
        select(Courriel)
        .where(
            Courriel.contact_id == contact.id,
            col(Courriel.genre).in_([INDU, ANNULATION]),
            Courriel.etat == EtatCourriel.ENVOYE,
        )
        .order_by(col(Courriel.id))
    ).all()
    annonce: date | None = None
    for envoye in envoyes:
        if envoye.envoye_le is not None and annules & set(envoye.contexte["indus"]):
            annonce = envoye.envoye_le.astimezone(PARIS).date() if envoye.genre == INDU else None
    return annonce


def _dire_la_retenue(contexte: Contexte, session: Session, structures: Iterable[Structure], jour: date) -> str:
    """Say how much of a payment may be withheld, all structures of these partners taken together; "" for nothing."""
    siennes = session.exec(
        select(Structure).where(col(Structure.partenaire_id).in_({s.partenaire_id for s in structures}))
    )
    parts = {part_retenue(contexte, session, structure, jour.year, jour) for structure in siennes}
    if not any(parts):
        return ""
    if len(parts) > 1:
        return f"la part que fixe la convention de la structure payée ({formater_nombre(max(parts) * 100)} % au plus)"
    part = parts.pop()
    return "la totalité de chaque versement" if part == 1 else f"{formater_nombre(part * 100)} % de chaque versement"

"""A declaration that a person of the team does not accept: the partner is told why, and owes an answer again."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from modeles.base import transaction
from modeles.requetes import contacts_actifs, declaration_courante, structure_par_code
from modeles.tables import Courriel, Declaration, Structure
from modeles.transitions import Acte, passer
from operations.attendus import fin_pour
from operations.boite_envoi import exiger_motif, taire_adresses
from operations.configuration import etape
from operations.contexte import ActeRefuse, Contexte
from operations.lettres_depots import REJET
from regles.dates import en_toutes_lettres
from regles.etats import EtatCourriel, EtatDeclaration


@dataclass(frozen=True, slots=True)
class BilanRejet:
    """What a rejection did: mails decided, and a French sentence."""

    courriels: int
    message: str


def rejeter(
    contexte: Contexte, identifiant: str, structure: str, par: str, motif: str, jour: date | None = None
) -> BilanRejet:
    """Reject the declaration received from a structure for a step; `motif` is what the partner reads.

    Rejected already, nothing is done again.

    Raises:
        ActeRefuse: unknown step or structure, a person who may not validate, no reason, nothing declared, or a
            declaration already validated.
    """
    reglee = etape(contexte, identifiant)
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        trouvee = structure_par_code(session, structure)
        if trouvee is None:
            raise ActeRefuse(f"« {structure} » n'est le code d'aucune structure.")
        declaration = declaration_courante(session, trouvee.id or 0, identifiant)
        if declaration is None:
            raise ActeRefuse(f"{structure} n'a rien déclaré pour l'étape « {identifiant} ».")
        session.refresh(declaration, with_for_update=True)
        if declaration.etat is EtatDeclaration.REJETEE:
            return BilanRejet(0, f"La déclaration de {structure} était déjà rejetée : rien n'a changé.")
        if declaration.etat is not EtatDeclaration.RECUE:
            raise ActeRefuse(
                f"La déclaration de {structure} est « {declaration.etat} » : seule une déclaration reçue se rejette. "
                "Demandez au partenaire un classeur corrigé : il la remplacera."
            )
        acte = Acte(instant, par, "rejeter", taire_adresses(motif))
        passer(session, declaration, EtatDeclaration.REJETEE, acte, {"structure": structure, "etape": identifiant})
        ecrits = _ecrire(session, declaration, trouvee, motif, instant)
        fin = fin_pour(contexte, session, reglee, trouvee)
    message = f"Déclaration de {structure} rejetée : {ecrits} courriel(s) à envoyer."
    if not ecrits:
        message = f"Déclaration de {structure} rejetée. Le gestionnaire n'a aucun contact actif : prévenez-le."
    if fin is not None and instant.date() > fin:
        message += f" La réception est close depuis le {en_toutes_lettres(fin)} au soir : convenez-en avec lui."
    return BilanRejet(ecrits, message)


def _ecrire(session: Session, declaration: Declaration, structure: Structure, motif: str, instant: datetime) -> int:
    contacts = contacts_actifs(session, structure.partenaire_id)
    for contact in contacts:
        session.add(
            Courriel(
                cle=f"{REJET}:{declaration.id}:{contact.id}",
                genre=REJET,
                etape=declaration.etape,
                contact_id=contact.id or 0,
                structures=[structure.code],
                contexte={"declaration": declaration.id, "motif": motif},
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
    return len(contacts)

"""Bank accounts of partners: one person records, another one confirms after calling back. Shown masked."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from stdnum import exceptions as stdnum
from stdnum import iban as norme_iban

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes_argent import coordonnee_au
from modeles.tables import CoordonneeBancaire, Partenaire
from operations.codes import exiger_code
from operations.contexte import ActeRefuse, Contexte
from regles.comptes import cle_rib_juste, masquer

OBJET = "compte"
CONFIRMATION_REFUSEE = "confirmation_refusee"
TITULAIRE_AU_PLUS = 140
CONTRE_APPEL_AU_PLUS = 500


class EtatCompte(StrEnum):
    """Where a recorded account stands on a day."""

    A_CONFIRMER = "à confirmer"
    A_VENIR = "à venir"
    EN_VIGUEUR = "en vigueur"
    REMPLACE = "remplacé"


@dataclass(frozen=True, slots=True)
class CompteConnu:
    """An account as it is shown. `iban` is masked, unless a person entitled asked for the whole of it."""

    id: int
    partenaire: str
    nom: str
    iban: str
    titulaire: str
    du: date
    etat: EtatCompte
    enregistree_par: str
    confirmee_par: str | None


def enregistrer(
    contexte: Contexte,
    partenaire: str,
    iban: str,
    titulaire: str,
    du: date,
    par: str,
    jour: date | None = None,
    code: str = "",
) -> CompteConnu:
    """Record an account of a partner, from `du` on; nothing is paid to it before it is confirmed.

    The same account, holder and day again is nothing.

    Raises:
        ActeRefuse: a person who may not propose payments, a wrong personal code, an unknown partner, a holder left
            blank, an IBAN that does not hold (check digits, length of the country, key of a French RIB).
    """
    _exiger(contexte, par, "proposer", "enregistrer un compte bancaire")
    titulaire = " ".join(titulaire.split())
    if not 0 < len(titulaire) <= TITULAIRE_AU_PLUS:
        raise ActeRefuse(
            f"Le titulaire du compte est attendu, tel qu'il figure sur le RIB ({TITULAIRE_AU_PLUS} caractères au plus)."
        )
    compact = _lire_iban(iban)
    exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        titre = session.exec(select(Partenaire).where(Partenaire.code == partenaire)).first()
        if titre is None:
            raise ActeRefuse(f"« {partenaire} » n'est le code d'aucun partenaire.")
        compte = session.exec(
            select(CoordonneeBancaire).where(
                CoordonneeBancaire.partenaire_id == titre.id,
                CoordonneeBancaire.iban == compact,
                CoordonneeBancaire.titulaire == titulaire,
                CoordonneeBancaire.du == du,
            )
        ).first()
        if compte is None:
            compte = CoordonneeBancaire(
                partenaire_id=titre.id or 0,
                iban=compact,
                titulaire=titulaire,
                du=du,
                enregistree_par=par,
                enregistree_le=instant,
            )
            session.add(compte)
            session.flush()
            _consigner(session, compte, titre, instant, par, "enregistrer")
        return _connu(session, compte, titre, instant.date())


def confirmer(
    contexte: Contexte, identifiant: int, par: str, contre_appel: str, jour: date | None = None, code: str = ""
) -> CompteConnu:
    """Confirm an account after calling the partner back; `contre_appel` says whom, when, at which known number.

    The same person confirming again is nothing. A confirmation turned down is written in the journal before it is said.

    Raises:
        ActeRefuse: a person who may not release payments, a wrong personal code, no such account, no call, already
            confirmed by another, or the person who recorded it: that one is refused by the database itself.
    """
    _exiger(contexte, par, "liberer", "confirmer un compte bancaire")
    if not contre_appel.strip():
        raise ActeRefuse("Un compte se confirme après un contre-appel : dites qui a répondu, et à quel numéro connu.")
    if len(contre_appel) > CONTRE_APPEL_AU_PLUS:
        raise ActeRefuse(f"La note du contre-appel tient en {CONTRE_APPEL_AU_PLUS} caractères.")
    exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    try:
        with transaction(contexte.moteur) as session:
            return _confirmer(session, identifiant, par, contre_appel.strip(), instant)
    except IntegrityError as erreur:
        if "deux_personnes_et_contre_appel" not in str(erreur.orig):
            raise
        refus = ActeRefuse(
            "La base de données l'interdit : la personne qui a enregistré un compte ne peut pas le confirmer."
        )
    with transaction(contexte.moteur) as session:
        inscrire(session, le=instant, par=par, objet=OBJET, objet_id=identifiant, action=CONFIRMATION_REFUSEE,
                 motif=str(refus))  # fmt: skip
    raise refus


def _confirmer(session: Session, identifiant: int, par: str, contre_appel: str, instant: datetime) -> CompteConnu:
    compte = session.get(CoordonneeBancaire, identifiant, with_for_update=True)
    if compte is None:
        raise ActeRefuse(f"Le compte n° {identifiant} n'existe pas (campagnes coordonnees lister).")
    if compte.confirmee_par not in {None, par}:
        raise ActeRefuse(f"Le compte n° {identifiant} a déjà été confirmé par {compte.confirmee_par}.")
    titre = session.get_one(Partenaire, compte.partenaire_id)
    if compte.confirmee_par is None:
        compte.confirmee_par, compte.confirmee_le, compte.contre_appel = par, instant, contre_appel
        session.add(compte)
        session.flush()
        _consigner(session, compte, titre, instant, par, "confirmer")
    return _connu(session, compte, titre, instant.date())


def lister(
    contexte: Contexte, partenaire: str | None = None, *, en_clair_pour: str | None = None, jour: date | None = None
) -> tuple[CompteConnu, ...]:
    """Give the accounts of a partner or of all, by partner then day; whole IBANs only for `en_clair_pour`, journalled.

    Raises:
        ActeRefuse: whole IBANs asked for by a person who may not release payments.
    """
    instant = contexte.maintenant(jour)
    if en_clair_pour is not None:
        _exiger(contexte, en_clair_pour, "liberer", "lire un compte bancaire en clair")
    requete = select(CoordonneeBancaire, Partenaire).where(CoordonneeBancaire.partenaire_id == Partenaire.id)
    if partenaire is not None:
        requete = requete.where(Partenaire.code == partenaire)
    requete = requete.order_by(Partenaire.code, col(CoordonneeBancaire.du), col(CoordonneeBancaire.id))
    with transaction(contexte.moteur) as session:
        trouves = session.exec(requete).all()
        if en_clair_pour is not None:
            inscrire(session, le=instant, par=en_clair_pour, objet=OBJET, objet_id=partenaire or "tous",
                     action="lire en clair", details={"comptes": [c.id for c, _ in trouves]})  # fmt: skip
        return tuple(
            _connu(session, compte, titre, instant.date(), en_clair=en_clair_pour is not None)
            for compte, titre in trouves
        )


def _exiger(contexte: Contexte, par: str, droit: str, quoi: str) -> None:
    """Recording goes with proposing, confirming with releasing: an account takes the same two people as a payment."""
    try:
        contexte.exiger_droit(par, droit)
    except ActeRefuse as refus:
        raise ActeRefuse(f"Pour {quoi}, il faut être habilité(e) à {droit}. {refus}") from None


def _lire_iban(saisi: str) -> str:
    """Read an IBAN: its digits and its country's length. The directories of foreign banks age: they are not asked."""
    try:
        compact = str(norme_iban.validate(saisi, check_country=False))
    except stdnum.ValidationError:
        raise ActeRefuse(
            "Cet IBAN ne tient pas (clé de contrôle, pays ou longueur) : reprenez-le sur le RIB, caractère par "
            "caractère."
        ) from None
    if not cle_rib_juste(compact):
        raise ActeRefuse("La clé RIB contenue dans cet IBAN français est fausse : reprenez-le sur le RIB.")
    return compact


def _etat(session: Session, compte: CoordonneeBancaire, jour: date) -> EtatCompte:
    if compte.confirmee_par is None:
        return EtatCompte.A_CONFIRMER
    if compte.du > jour:
        return EtatCompte.A_VENIR
    actuel = coordonnee_au(session, compte.partenaire_id, jour)
    return EtatCompte.EN_VIGUEUR if actuel is not None and actuel.id == compte.id else EtatCompte.REMPLACE


def _connu(
    session: Session, compte: CoordonneeBancaire, partenaire: Partenaire, jour: date, *, en_clair: bool = False
) -> CompteConnu:
    return CompteConnu(
        compte.id or 0,
        partenaire.code,
        partenaire.nom,
        norme_iban.format(compte.iban) if en_clair else masquer(compte.iban),
        compte.titulaire,
        compte.du,
        _etat(session, compte, jour),
        compte.enregistree_par,
        compte.confirmee_par,
    )


def _consigner(
    session: Session, compte: CoordonneeBancaire, partenaire: Partenaire, instant: datetime, par: str, action: str
) -> None:
    """Write the line of the journal: the account masked, and never the note of the call, which may hold a number."""
    details = {"partenaire": partenaire.code, "compte": masquer(compte.iban), "du": compte.du.isoformat()}
    inscrire(session, le=instant, par=par, objet=OBJET, objet_id=compte.id or 0, action=action,
             apres=_etat(session, compte, instant.date()), details=details)  # fmt: skip

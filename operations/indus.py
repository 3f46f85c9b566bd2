"""Indus: what a partner owes back, withheld on its next payments or paid back, until nothing is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from echanges.balance import LigneBalance, balance_xlsx
from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes_argent import convention_au, indus_ouverts, lignes_du_lot, recouvre, retenues_de_la_ligne
from modeles.tables import Droit, LigneLot, Lot, Partenaire, Recouvrement, Structure, Versement
from modeles.transitions import Acte, consigner, passer
from operations.codes import exiger_code
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte, exiger_court
from operations.droits import periode_de
from operations.paiements import est_actuel
from regles.baremes import PAYABLES, ParametreInconnu, Statut
from regles.calendrier import PARIS
from regles.etats import EtatVersement, NatureVersement
from regles.monnaie import exact, formater_euros
from regles.versements import APayer, ARecouvrer, retenir

PROVENANCE_AU_PLUS = 500
RETENUE_MAXIMALE = "indu.retenue_maximale"


@dataclass(frozen=True, slots=True)
class Imputation:
    """What is withheld on a due for an indu, in cents > 0."""

    indu_id: int
    indu: str
    montant_centimes: int

    def en_recouvrement(self, ligne_id: int, lot: str, acte: Acte) -> Recouvrement:
        """Give the row that records it on a line of a batch."""
        return Recouvrement(
            indu_id=self.indu_id,
            ligne_id=ligne_id,
            montant_centimes=self.montant_centimes,
            le=acte.le,
            par=acte.par,
            motif=f"retenu sur le lot {lot}",
        )


@dataclass(frozen=True, slots=True)
class EtatIndu:
    """Where an indu stands, in cents; `en_cours_centimes` is withheld in batches not yet released."""

    reference: str
    structure: str
    nom: str
    gestionnaire: str
    exercice: int
    depuis: date
    montant_centimes: int
    rentre_centimes: int
    en_cours_centimes: int

    @property
    def restant_centimes(self) -> int:
        """What is still to recover once the batches under way are released, in cents."""
        return self.montant_centimes - self.rentre_centimes - self.en_cours_centimes


def imputer(
    contexte: Contexte, session: Session, dus: Sequence[tuple[Versement, Structure, Partenaire]], jour: date
) -> dict[str, tuple[Imputation, ...]]:
    """Give what each due gives up for the indus of its partner, by reference of the due; nothing is written.

    An indu is never withheld on the day it was written: the partner is told of it first. Nor is a payment taken back,
    whose money the partner did not have. Nor, unless a part of it is
    already recovered, once the right it rests on no longer stands.
    """
    trouvees: dict[str, tuple[Imputation, ...]] = {}
    par_partenaire = sorted(dus, key=lambda d: (d[2].id or 0, d[0].cree_le, d[0].id or 0))
    for partenaire_id, groupe in groupby(par_partenaire, key=lambda d: d[2].id or 0):
        indus = [
            v
            for v, _ in indus_ouverts(session, partenaire_id)
            if v.contrepasse_id is None
            and _ecrit_le(v) < jour
            and (recouvre(session, v.id or 0) or _tient_toujours(contexte, session, v))
        ]
        if indus:
            trouvees |= _imputer_le_partenaire(contexte, session, indus, list(groupe), jour)
    return trouvees


def retenues_perimees(contexte: Contexte, session: Session, ligne: LigneLot) -> list[str]:
    """Give the indus withheld on a line that no longer stand: not begun elsewhere, their right is not the last one."""
    return [
        indu.reference
        for part, indu in retenues_de_la_ligne(session, ligne.id or 0)
        if recouvre(session, indu.id or 0) <= part.montant_centimes and not _tient_toujours(contexte, session, indu)
    ]


def _tient_toujours(contexte: Contexte, session: Session, indu: Versement) -> bool:
    return est_actuel(contexte, session, session.get_one(Droit, indu.droit_id))


def _ecrit_le(indu: Versement) -> date:
    return indu.cree_le.astimezone(PARIS).date()


def _imputer_le_partenaire(
    contexte: Contexte,
    session: Session,
    indus: Sequence[Versement],
    dus: Sequence[tuple[Versement, Structure, Partenaire]],
    jour: date,
) -> dict[str, tuple[Imputation, ...]]:
    ids = {indu.reference: indu.id or 0 for indu in indus}
    restants = [ARecouvrer(i.reference, i.montant_centimes - recouvre(session, i.id or 0)) for i in indus]
    a_payer = [
        APayer(v.reference, v.montant_centimes, part_retenue(contexte, session, structure, v.exercice, jour))
        for v, structure, _ in dus
    ]
    retenues = retenir(a_payer, restants)
    return {
        du.reference: tuple(
            Imputation(ids[r.indu], r.indu, r.montant_centimes) for r in retenues if r.a_payer == du.reference
        )
        for du in a_payer
    }


def part_retenue(contexte: Contexte, session: Session, structure: Structure, exercice: int, jour: date) -> Fraction:
    """Give the share of a due that may be withheld: the convention's, else the barème's, else nothing."""
    fin = periode_de(structure, exercice).au
    convention = convention_au(session, structure.id or 0, fin)
    if convention is not None and convention.retenue_maximale is not None:
        return exact(convention.retenue_maximale)
    try:
        valeur = bareme(contexte).valeur(RETENUE_MAXIMALE, exercice, jour)
    except ParametreInconnu:
        return Fraction(0)
    admis = PAYABLES | ({Statut.DEMONSTRATION} if contexte.reglages.demonstration else set())
    return valeur.nombre if valeur.statut in admis else Fraction(0)


def solder_les_indus(session: Session, lot: Lot, acte: Acte) -> None:
    """Close the indus that a batch just released has recovered whole."""
    touches = {
        indu.id: indu
        for ligne, *_ in lignes_du_lot(session, lot.id or 0)
        for _, indu in retenues_de_la_ligne(session, ligne.id or 0)
    }
    _solder(session, touches.values(), acte)


def _solder(session: Session, indus: Iterable[Versement], acte: Acte) -> None:
    for indu in indus:
        if recouvre(session, indu.id or 0, rentre=True) == indu.montant_centimes:
            passer(session, indu, EtatVersement.RECOUVRE, acte)


def rouvrir_les_indus(session: Session, lignes: Iterable[LigneLot], acte: Acte) -> None:
    """Owe again the indus that these lines had recovered and recover no more: set aside, turned down or rejected."""
    rendus = {
        indu.id: indu
        for ligne in lignes
        for _, indu in retenues_de_la_ligne(session, ligne.id or 0)
        if indu.etat is EtatVersement.RECOUVRE
    }
    for indu in rendus.values():
        if recouvre(session, indu.id or 0, rentre=True) < indu.montant_centimes:
            passer(session, indu, EtatVersement.A_RECOUVRER, acte)


def encaisser(
    contexte: Contexte,
    reference: str,
    montant_centimes: int,
    par: str,
    motif: str,
    jour: date | None = None,
    code: str = "",
    *,
    confirme: bool = False,
) -> EtatIndu:
    """Record what a partner pays back of an indu, in cents > 0; `motif` says how (« virement du 3 mai, titre 12 »).

    `confirme`: the same amount for the same reason, on the same day, is another payment indeed.

    Raises:
        ActeRefuse: a person who may not release payments, a wrong personal code, no such open indu, no reason or too
            long a one, more than what is left, or what was recorded that very day and is not confirmed.
    """
    contexte.exiger_droit(par, "liberer")
    if montant_centimes <= 0 or not motif.strip():
        raise ActeRefuse("Un encaissement a un montant positif, et dit d'où il vient (--motif).")
    exiger_court(motif, PROVENANCE_AU_PLUS)
    exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    acte = Acte(instant, par, "encaisser", motif)
    try:
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            indu = session.exec(
                select(Versement).where(Versement.reference == reference, Versement.nature == NatureVersement.INDU)
            ).first()
            if indu is None or indu.etat is not EtatVersement.A_RECOUVRER:
                raise ActeRefuse(f"« {reference} » n'est pas un indu à recouvrer (campagnes indus lister).")
            if not confirme and _est_deja_note(session, indu, montant_centimes, acte):
                raise ActeRefuse(
                    f"{formater_euros(montant_centimes)} sur {reference}, avec ce motif, est déjà noté aujourd'hui. Si "
                    "c'est un autre paiement, ajoutez --confirmer."
                )
            recu = Recouvrement(
                indu_id=indu.id or 0, montant_centimes=montant_centimes, le=instant, par=par, motif=motif
            )
            session.add(recu)
            session.flush()
            consigner(session, indu, acte, {"montant_centimes": montant_centimes})
            _solder(session, [indu], acte)
            return _etat(session, indu, session.get_one(Structure, indu.structure_id))
    except IntegrityError as erreur:
        if "ce qui reste d" not in str(erreur.orig):
            raise
        raise ActeRefuse(f"{formater_euros(montant_centimes)} dépasse ce qui reste dû sur {reference}.") from None


def _est_deja_note(session: Session, indu: Versement, montant_centimes: int, acte: Acte) -> bool:
    """Whether an indu has the same amount paid back for the same reason on the day of an act."""
    semblables = session.exec(
        select(Recouvrement.le).where(
            Recouvrement.indu_id == indu.id,
            col(Recouvrement.ligne_id).is_(None),
            Recouvrement.montant_centimes == montant_centimes,
            Recouvrement.motif == acte.motif,
        )
    )
    jour = acte.le.astimezone(PARIS).date()
    return any(le.astimezone(PARIS).date() == jour for le in semblables)


def lister_indus(contexte: Contexte) -> tuple[EtatIndu, ...]:
    """Give the indus still to recover, oldest first."""
    with transaction(contexte.moteur) as session:
        return tuple(_etat(session, versement, structure) for versement, structure in indus_ouverts(session))


def lignes_de_la_balance(session: Session) -> list[LigneBalance]:
    """Give the indus still to recover as the aged balance lists them."""
    return [
        LigneBalance(
            i.gestionnaire, f"{i.structure} {i.nom}", i.exercice, i.reference, i.depuis, i.montant_centimes,
            i.rentre_centimes, i.en_cours_centimes,
        )
        for i in (_etat(session, indu, structure) for indu, structure in indus_ouverts(session))
    ]  # fmt: skip


def ecrire_balance(contexte: Contexte, chemin: Path, jour: date | None = None) -> Path:
    """Write the aged balance of the indus still to recover, as a workbook; give its path."""
    with transaction(contexte.moteur) as session:
        lignes = lignes_de_la_balance(session)
    chemin.write_bytes(balance_xlsx(lignes, contexte.maintenant(jour).date(), contexte.reglages.mention))
    return chemin


def _etat(session: Session, indu: Versement, structure: Structure) -> EtatIndu:
    rentre = recouvre(session, indu.id or 0, rentre=True)
    return EtatIndu(
        indu.reference,
        structure.code,
        structure.nom,
        session.get_one(Partenaire, structure.partenaire_id).nom,
        indu.exercice,
        _ecrit_le(indu),
        indu.montant_centimes,
        rentre,
        recouvre(session, indu.id or 0) - rentre,
    )

"""Dues suspended: not paid until the suspension is lifted, whatever batch they stood in.

A line leaves a batch that has not left: the signatures of that batch are taken off first, since what they signed is no
longer what would be paid. The batch keeps its other lines and waits for both signatures again; emptied, it is turned
down by itself.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes_argent import ligne_active, suspension_ouverte
from modeles.tables import LigneLot, Lot, Structure, Suspension, Versement
from modeles.transitions import Acte, passer
from operations.codes import exiger_code
from operations.configuration import motifs_de_suspension
from operations.contexte import ActeRefuse, Contexte, exiger_court
from operations.signatures import annuler, revenir_en_brouillon
from regles.calendrier import PARIS
from regles.dates import en_chiffres
from regles.etats import LOTS_PARTIS, EtatLigne, EtatLot, EtatVersement
from regles.monnaie import formater_euros

SUSPENDABLES = frozenset({EtatVersement.DU, EtatVersement.EN_LOT, EtatVersement.LIBERE})
TEXTE_AU_PLUS = 500
VIDE = "toutes ses lignes sont suspendues"


@dataclass(frozen=True, slots=True)
class BilanSuspension:
    """What a suspension did. `lot` and `numero` are the batch that the due has left, if any, with what it is now.

    `signatures_retirees`: it was signed, and waits for both signatures again. Amounts in cents.
    """

    reference: str
    lot: int | None = None
    numero: str = ""
    etat: EtatLot | None = None
    nombre: int = 0
    total_centimes: int = 0
    signatures_retirees: bool = False

    @property
    def phrase(self) -> str:
        """What became of the due and of its batch, in French."""
        dits = [f"{self.reference} est suspendu : aucun lot ne le prendra."]
        if self.etat is EtatLot.REFUSE:
            dits.append(f"Le lot {self.numero} n'a plus de ligne : il est refusé.")
        elif self.lot is not None:
            dits.append(f"Lot {self.numero} : {self.nombre} ligne(s), {formater_euros(self.total_centimes)}.")
        if self.signatures_retirees and self.etat is EtatLot.PROPOSE:
            dits.append("Ses signatures sont retirées.")
        return " ".join(dits)


@dataclass(frozen=True, slots=True)
class DuSuspendu:
    """A due under an open suspension; the amount in cents, the motive in words."""

    reference: str
    structure: str
    nom: str
    montant_centimes: int
    motif: str
    texte: str
    par: str
    depuis: date


def suspendre(
    contexte: Contexte, reference: str, motif: str, texte: str, par: str, jour: date | None = None, code: str = ""
) -> BilanSuspension:
    """Suspend a due, for a motive of config/finance.yaml and why in words; out of its batch when that has not left.

    Raises:
        ActeRefuse: a person who signs no batch, a wrong personal code, an unknown motive or due, no words or too many,
            or a due that has left or is suspended already.
    """
    _exiger_de_suspendre(contexte, par)
    libelle = motifs(contexte).get(motif)
    if libelle is None:
        connus = ", ".join(motifs(contexte))
        raise ActeRefuse(f"« {motif} » n'est pas un motif de suspension (config/finance.yaml) : {connus}.")
    if not texte.strip():
        raise ActeRefuse("Une suspension dit pourquoi, en clair.")
    exiger_court(texte.strip(), TEXTE_AU_PLUS, "L'explication d'une suspension")
    exiger_code(contexte, par, code)
    acte = Acte(contexte.maintenant(jour), par, "suspendre", f"{libelle} : {texte.strip()}")
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        versement = _du(session, reference)
        tenue = ligne_active(session, versement.id or 0)
        signe = tenue is not None and tenue[1].etat is not EtatLot.PROPOSE
        if tenue is not None:
            revenir_en_brouillon(session, tenue[1], Acte(acte.le, par, "suspendre", f"{reference} est suspendu"))
        ouverte = Suspension(versement_id=versement.id or 0, motif=motif, texte=texte.strip(), par=par, le=acte.le)
        session.add(ouverte)
        session.flush()
        inscrire(
            session, le=acte.le, par=par, objet="versement", objet_id=reference, action=acte.action,
            motif=acte.motif, details={"motif": motif},
        )  # fmt: skip
        if tenue is None:
            return BilanSuspension(reference)
        ligne, lot = tenue
        _mettre_de_cote(session, ligne, lot, versement, acte)
        return BilanSuspension(reference, lot.id, lot.numero, lot.etat, lot.nombre, lot.total_centimes, signe)


def lever_suspension(
    contexte: Contexte, reference: str, motif: str, par: str, jour: date | None = None, code: str = ""
) -> None:
    """Lift the suspension of a due: the next batch of its step takes it.

    Raises:
        ActeRefuse: a person who signs no batch, a wrong personal code, no reason or too long a one, or a due that is
            not suspended.
    """
    _exiger_de_suspendre(contexte, par)
    if not motif.strip():
        raise ActeRefuse("Lever une suspension dit pourquoi.")
    exiger_court(motif.strip(), TEXTE_AU_PLUS)
    exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        versement = _versement(session, reference)
        suspension = suspension_ouverte(session, versement.id or 0)
        if suspension is None:
            raise ActeRefuse(f"{reference} n'est pas suspendu.")
        _lever(session, suspension, reference, Acte(instant, par, "lever la suspension", motif.strip()))


def lister_suspensions(contexte: Contexte) -> tuple[DuSuspendu, ...]:
    """Give the dues under an open suspension, oldest first."""
    with transaction(contexte.moteur) as session:
        ouvertes = session.exec(
            select(Suspension, Versement, Structure)
            .where(
                Suspension.versement_id == Versement.id,
                Versement.structure_id == Structure.id,
                col(Suspension.levee_le).is_(None),
                Versement.etat == EtatVersement.DU,
            )
            .order_by(col(Suspension.id))
        ).all()
    libelles = motifs(contexte)
    return tuple(
        DuSuspendu(
            v.reference, structure.code, structure.nom, v.montant_centimes, libelles.get(s.motif, s.motif), s.texte,
            s.par, s.le.astimezone(PARIS).date(),
        )
        for s, v, structure in ouvertes
    )  # fmt: skip


def motifs(contexte: Contexte) -> dict[str, str]:
    """Give the motives of suspension: what each code means."""
    return motifs_de_suspension(contexte.reglages)


def reporter_les_suspensions(session: Session, nouveau: Versement, acte: Acte) -> None:
    """Suspend a due that replaces a suspended one: a computation never lifts what a person suspended."""
    anciennes = session.exec(
        select(Suspension, Versement)
        .where(
            Suspension.versement_id == Versement.id,
            Versement.structure_id == nouveau.structure_id,
            Versement.exercice == nouveau.exercice,
            Versement.etat == EtatVersement.ANNULE,
            col(Suspension.levee_le).is_(None),
        )
        .order_by(col(Suspension.id))
    ).all()
    for suspension, ancien in anciennes:
        _lever(session, suspension, ancien.reference, Acte(acte.le, acte.par, "reporter", nouveau.reference))
    if anciennes:
        reportee = anciennes[0][0]
        session.add(
            Suspension(
                versement_id=nouveau.id or 0, motif=reportee.motif, texte=reportee.texte, par=reportee.par, le=acte.le
            )
        )
        session.flush()
        inscrire(
            session, le=acte.le, par=acte.par, objet="versement", objet_id=nouveau.reference, action="suspendre",
            motif=f"remplace {anciennes[0][1].reference}, suspendu par {reportee.par} : {reportee.texte}",
            details={"motif": reportee.motif},
        )  # fmt: skip


def _exiger_de_suspendre(contexte: Contexte, par: str) -> None:
    personne = contexte.exiger_personne(par)
    if not {"ordonner", "liberer"} & set(personne.peut):
        raise ActeRefuse(f"{personne.nom} n'est pas habilité(e) à suspendre un versement : qui signe les lots le fait.")


def _versement(session: Session, reference: str) -> Versement:
    trouve = session.exec(select(Versement).where(Versement.reference == reference)).first()
    if trouve is None:
        raise ActeRefuse(f"Aucun versement ne porte la référence « {reference} ».")
    return trouve


def _du(session: Session, reference: str) -> Versement:
    """Give a due that can still be suspended."""
    versement = _versement(session, reference)
    if versement.etat not in SUSPENDABLES:
        raise ActeRefuse(f"{reference} est « {versement.etat.value} » : seul un versement encore à payer se suspend.")
    tenue = ligne_active(session, versement.id or 0)
    if tenue is not None and tenue[1].etat in LOTS_PARTIS:
        raise ActeRefuse(
            f"{reference} est parti avec le lot {tenue[1].numero} : il ne se suspend plus. Payé, et revenu ou "
            "perdu, il se contre-passe (campagnes contrepasser)."
        )
    ouverte = suspension_ouverte(session, versement.id or 0)
    if ouverte is not None:
        depuis = en_chiffres(ouverte.le.astimezone(PARIS).date())
        raise ActeRefuse(f"{reference} est déjà suspendu par {ouverte.par} depuis le {depuis} : {ouverte.texte}")
    return versement


def _mettre_de_cote(session: Session, ligne: LigneLot, lot: Lot, versement: Versement, acte: Acte) -> None:
    """Take a line out of a draft: its due is due again, what it withheld is owed again, the batch counted anew."""
    ligne.active, ligne.etat = False, EtatLigne.SUSPENDUE
    session.add(ligne)
    session.flush()
    passer(session, versement, EtatVersement.DU, Acte(acte.le, acte.par, "passer", f"suspendu, lot {lot.numero}"))
    if lot.nombre == 1:
        annuler(session, lot, Acte(acte.le, acte.par, "decider", VIDE))
        return
    lot.nombre, lot.total_centimes = lot.nombre - 1, lot.total_centimes - ligne.montant_centimes
    session.add(lot)
    session.flush()
    inscrire(
        session, le=acte.le, par=acte.par, objet="lot", objet_id=lot.numero, action="mettre une ligne de côté",
        motif=versement.reference, details={"nombre": lot.nombre, "total_centimes": lot.total_centimes},
    )  # fmt: skip


def _lever(session: Session, suspension: Suspension, reference: str, acte: Acte) -> None:
    suspension.levee_par, suspension.levee_le, suspension.levee_motif = acte.par, acte.le, acte.motif
    session.add(suspension)
    session.flush()
    inscrire(
        session, le=acte.le, par=acte.par, objet="versement", objet_id=reference, action=acte.action,
        motif=acte.motif,
    )  # fmt: skip

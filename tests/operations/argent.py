"""Made-up rights and payments for the tests: structures under a convention, a partner with a confirmed account."""

from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from demonstration.hasard import iban_invente
from modeles.base import transaction
from modeles.tables import Convention, CoordonneeBancaire, Declaration, Droit, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.codes import poser_code
from operations.contexte import Contexte
from operations.signatures import decider_lot, ordonner_lot
from regles.etats import EtatDeclaration, EtatLot, EtatVersement, NatureVersement

ETAPE = "reels-2025-a"
JOUR = date(2026, 3, 12)
INSTANT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROPOSE, ORDONNE, LIBERE, LES_DEUX = "c.martin", "m.lefevre", "a.leroy", "j.moreau"
CODE = "trois petits chats"


def ajouter_partenaire(session: Session, rang: int = 1, nom: str = "+Commune", *, compte: bool = True) -> None:
    """Record a partner, with a confirmed bank account unless told otherwise."""
    session.add(Partenaire(id=rang, code=f"P{rang}", nom=nom, nature=NaturePartenaire.COMMUNE, siren="215200833"))
    session.flush()
    if compte:
        session.add(
            CoordonneeBancaire(
                partenaire_id=rang, iban=iban_invente(rang), titulaire=nom, du=date(2023, 1, 1),
                enregistree_par="c.martin", enregistree_le=INSTANT, contre_appel="rappelé au secrétariat",
                confirmee_par="s.dubois", confirmee_le=INSTANT,
            )
        )  # fmt: skip


def ajouter_structure(
    session: Session, rang: int, partenaire: int = 1, retenue: str | None = None, jusqu_au: date = date(2027, 12, 31)
) -> None:
    """Record a crèche and its convention."""
    session.add(
        Structure(
            id=rang, code=f"S{rang:02d}", nom="=Crèche" if rang == 1 else f"Crèche {rang}", partenaire_id=partenaire,
            prestation="EAJE", siret="21520083300010", commune_insee="52121", commune="Chaumont",
            epci_siren="200068658", epci="CA de Chaumont", places=20,
            statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
        )
    )  # fmt: skip
    session.flush()
    session.add(
        Convention(
            structure_id=rang, prestation="EAJE", numero=f"C{rang}", du=date(2023, 1, 1), au=jusqu_au,
            retenue_maximale=retenue,
        )
    )  # fmt: skip


def ajouter_declaration(
    session: Session, numero: int, structure: int, nature: str = "reel", exercice: int = 2025, etape: str = ETAPE
) -> None:
    """Record a validated declaration."""
    session.add(
        Declaration(
            id=numero, structure_id=structure, prestation="EAJE", nature=nature, exercice=exercice, etape=etape,
            origine="test", donnees={}, recue_le=INSTANT, etat=EtatDeclaration.VALIDEE,
        )
    )  # fmt: skip
    session.flush()


def ajouter_droit(
    session: Session, declaration: int, montant: int, payable: bool = True, rang: int = 1, *, demonstration: bool = True
) -> None:
    """Record a right of a declaration, in cents."""
    motifs = [] if payable else ["psu.plafond.p120 est inconnu"]
    session.add(
        Droit(
            declaration_id=declaration, connu_le=JOUR, calcule_le=INSTANT, montant_centimes=montant, payable=payable,
            demonstration=demonstration, empreinte=f"{declaration}-{montant}",
            explication={
                "motifs": motifs, "nature": "reel", "exercice": 2025, "connu_le": JOUR.isoformat(),
                "droit_centimes": montant, "lignes": [], "parametres": [], "prestation": "EAJE", "anomalies": [],
                "partiel_centimes": montant, "payable": payable, "simulation": False, "demonstration": demonstration,
            },
            rang=rang,
        )
    )  # fmt: skip
    session.flush()


def ajouter_reprise(session: Session, structure: int, montant: int, exercice: int = 2025) -> None:
    """Record an acompte paid before this system, in cents."""
    session.add(
        Versement(
            structure_id=structure, prestation="EAJE", exercice=exercice, nature=NatureVersement.ACOMPTE,
            montant_centimes=montant, etat=EtatVersement.REPRISE, reference=f"A{structure}-{exercice}",
            cree_le=INSTANT,
        )
    )  # fmt: skip
    session.flush()


def ajouter_reel(session: Session, rang: int, droit: int, acompte: int, *, payable: bool = True) -> None:
    """Record a crèche with its réel, the right it gives and the acompte already paid, in cents."""
    ajouter_structure(session, rang)
    ajouter_declaration(session, rang, rang)
    if acompte:
        ajouter_reprise(session, rang, acompte)
    ajouter_droit(session, rang, droit, payable=payable)


def poser_les_codes(ctx: Contexte, *personnes: str) -> None:
    """Give each person the code CODE, a space, their initial; each set before those who have theirs already."""
    temoins: dict[str, str] = {}
    for personne in personnes:
        poser_code(ctx, personne, f"{CODE} {personne[0]}", temoins=dict(list(temoins.items())[:2]))
        temoins[personne] = f"{CODE} {personne[0]}"


def liberer(ctx: Contexte, lot: int, jour: date | None = JOUR) -> None:
    """Sign a batch, then give it its visa."""
    ordonner_lot(ctx, lot, ORDONNE, jour)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=jour)


def etats(ctx: Contexte) -> list[tuple[str, int, str]]:
    """Every entry written here: (nature, cents, state), oldest first."""
    with transaction(ctx.moteur) as session:
        ecrits = session.exec(
            select(Versement).where(Versement.etat != EtatVersement.REPRISE).order_by(col(Versement.id))
        )
        return [(v.nature.value, v.montant_centimes, v.etat.value) for v in ecrits]

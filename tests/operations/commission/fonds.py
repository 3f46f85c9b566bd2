"""Two partners, their calls and their requests, for the tests of the commission. Amounts in cents."""

from datetime import UTC, date, datetime

from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Contact, CoordonneeBancaire, Courriel, Demande, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.commission.demandes import BilanDemande, deposer
from operations.commission.pieces import recevoir
from operations.configuration import demarche, etape
from operations.contexte import Contexte
from operations.pieces import Apport
from operations.relances import actions_a_jouer, jouer, sauter
from regles.commission import Cofinanceur, Projet
from regles.etats import EtatDemande

APPEL, FEVRIER, AVRIL, NOVEMBRE = "aap-partenaires-2026", "cas-2026-02", "cas-2026-04", "cas-2026-11"
LIMITE, SEANCE = date(2026, 1, 10), date(2026, 2, 12)
OBLIGATOIRES = ("formulaire", "budget")
PAR, DECIDE = "c.martin", "s.dubois"
CONNU = datetime(2025, 1, 2, 9, tzinfo=UTC)


def installer(ctx: Contexte, *, comptes: bool = True) -> None:
    """Record an association with one structure, and a commune without any contact."""
    with transaction(ctx.moteur) as session:
        for rang, nom, nature in ((1, "Les Tilleuls", "association"), (2, "Ville de Langres", "commune")):
            siren = "732829320" if rang == 1 else "215202696"
            session.add(Partenaire(id=rang, code=f"P{rang}", nom=nom, nature=NaturePartenaire(nature), siren=siren))
            session.flush()
            if comptes:
                session.add(
                    CoordonneeBancaire(
                        partenaire_id=rang, iban="FR7630006000011234567890189", titulaire=nom,
                        du=date(2025, 1, 1), enregistree_par="c.martin", enregistree_le=CONNU,
                        contre_appel="rappelé au secrétariat", confirmee_par="s.dubois", confirmee_le=CONNU,
                    )
                )  # fmt: skip
        session.add(Contact(partenaire_id=1, nom="Ada", courriel="ada@tilleuls.example"))
        session.add(
            Structure(
                code="EVS01", nom="Espace des Tilleuls", partenaire_id=1, prestation="EVS", siret="73282932000074",
                commune_insee="52121", commune="Chaumont", epci_siren="200068658", epci="CA de Chaumont",
                statut_gestionnaire=StatutGestionnaire.PRIVE, taux_regime_general="1",
            )
        )  # fmt: skip


def projet(
    objet: str = "Ludothèque itinérante", demande: int = 250_000, partenaire: str = "P1", **reste: object
) -> Projet:
    """Give a request whose budget holds, unless told otherwise."""
    valeurs: dict[str, object] = {
        "budget_centimes": demande * 2, "cofinanceurs": (Cofinanceur("MSA", demande // 2),), "exercice": 2026,
        "enveloppe": "partenaires", "appel": APPEL, "structure": "",
    }  # fmt: skip
    return Projet(partenaire=partenaire, objet=objet, demande_centimes=demande, **(valeurs | reste))  # type: ignore[arg-type]


def demander(
    ctx: Contexte, jour: date, objet: str = "Ludothèque itinérante", *, complete: bool = True, **reste: object
) -> str:
    """Record a request on a day, with its documents unless told otherwise; give its reference."""
    bilan: BilanDemande = deposer(ctx, projet(objet, **reste), PAR, jour)  # type: ignore[arg-type]
    if complete:
        completer(ctx, bilan.reference, jour)
    return bilan.reference


def completer(ctx: Contexte, reference: str, jour: date, *codes: str) -> None:
    for code in codes or sorted(demarche(ctx, etape(ctx, APPEL)).codes_obligatoires):
        recevoir(ctx, reference, Apport(code, PAR, constat="vue au dossier papier"), jour)


def jouer_jusqu_au(ctx: Contexte, jour: date) -> list[str]:
    """Play what the calendar has for the sittings until a day, that day included; give what was said."""
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)
    for action in a_sauter:
        sauter(ctx, action, jour)
    return [jouer(ctx, a, jour).message for a in a_jouer if a.etape.startswith("cas-")]


def etats(ctx: Contexte) -> dict[str, tuple[str, str]]:
    """Where each request is: (state, sitting)."""
    with transaction(ctx.moteur) as session:
        return {d.reference: (d.etat.value, d.commission) for d in session.exec(select(Demande))}


def genres(ctx: Contexte) -> list[str]:
    """The mails decided, by kind, oldest first."""
    with transaction(ctx.moteur) as session:
        return [c.genre for c in session.exec(select(Courriel).order_by(col(Courriel.id)))]


def inscrites(ctx: Contexte, seance: str) -> list[str]:
    with transaction(ctx.moteur) as session:
        trouvees = session.exec(
            select(Demande).where(Demande.commission == seance, Demande.etat == EtatDemande.INSCRITE)
        )
        return sorted(d.reference for d in trouvees)

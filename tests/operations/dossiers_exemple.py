"""A network for the dossiers: partners of a local scheme, relays, and documents of every format."""

import io
import zipfile
from datetime import date
from pathlib import Path

from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Adhesion, Dossier, Partenaire, Piece, Structure
from operations.contexte import Contexte
from operations.pieces import Apport
from operations.relances import actions_a_jouer, jouer, sauter
from regles.calendrier import ActionDatee
from tests.operations.reseau_exemple import installer

PDN, RPE, AAP = "bilans-pdn-2025", "bilans-rpe-2025", "aap-partenaires-2026"
PAR = "c.martin"
PDF = b"%PDF-1.7 essai"


def installer_les_dossiers(ctx: Contexte) -> None:
    """P1, P2 (and P3, until 2024) are Promeneurs du Net; S2 (P1) and S3 (P2) are relays."""
    installer(ctx)
    with transaction(ctx.moteur) as session:
        for rang, au in ((1, None), (2, None), (3, date(2024, 12, 31))):
            session.add(Adhesion(partenaire_id=rang, dispositif="promeneurs_du_net", du=date(2020, 1, 1), au=au))
        for structure in session.exec(select(Structure)):
            if structure.code in {"S2", "S3"}:
                structure.prestation, structure.places = "RPE", None


def paquet(*parties: str) -> bytes:
    """The bytes of a zip holding these parts."""
    flux = io.BytesIO()
    with zipfile.ZipFile(flux, "w") as archive:
        for partie in parties:
            archive.writestr(partie, "x")
    return flux.getvalue()


def fichier(dossier: Path, nom: str, octets: bytes = PDF) -> Path:
    """Write a document on the disk."""
    chemin = dossier / nom
    chemin.write_bytes(octets)
    return chemin


def vu(piece: str, constat: str = "vu dans Sphinx") -> Apport:
    """A document that a person has seen elsewhere."""
    return Apport(piece, PAR, constat=constat)


def etats(ctx: Contexte, etape: str) -> dict[str, str]:
    """The state of each dossier of a step, by the code of who answers."""
    with transaction(ctx.moteur) as session:
        lignes = session.exec(select(Dossier).where(Dossier.etape == etape)).all()
        codes = {}
        for dossier in lignes:
            qui: Structure | Partenaire = session.get_one(Partenaire, dossier.partenaire_id)
            if dossier.structure_id is not None:
                qui = session.get_one(Structure, dossier.structure_id)
            codes[qui.code] = dossier.etat.value
        return codes


def pieces_gardees(ctx: Contexte) -> list[Piece]:
    """Every document ever recorded, oldest first."""
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(Piece).order_by(Piece.id)))  # type: ignore[arg-type]


def rattraper(ctx: Contexte, etape: str, jour: date) -> list[str]:
    """What the daily run does for a step: « faite relancer-j+1 », « sautee … », in order."""
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)

    def siennes(actions: tuple[ActionDatee, ...]) -> list[ActionDatee]:
        return [a for a in actions if a.etape == etape]

    bilans = [sauter(ctx, a, jour) for a in siennes(a_sauter)] + [jouer(ctx, a, jour) for a in siennes(a_jouer)]
    return [f"{b.etat.value} {b.cle.removeprefix(f'{etape}-')}" for b in bilans]

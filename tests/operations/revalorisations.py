"""A made-up département whose rights are paid, and barèmes where values become known one after another."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.tables import Declaration, Structure
from operations.contexte import Contexte
from operations.droits import calculer_droits
from operations.dus import preparer_dus
from operations.lots import proposer_lot
from regles.etats import EtatDeclaration
from tests.operations.argent import ETAPE, INSTANT, PROPOSE, ajouter_partenaire, ajouter_structure, liberer
from tests.operations.reseau_simule import CRECHE

P107 = "psu.plafond.p107.avec_couches_et_repas"
AVANT, APRES = date(2025, 12, 1), date(2025, 12, 16)  # P107 2025: 10.05, then 10.251 known on 16 December 2025
PREVISIONNELS, ACOMPTE_1 = "previsionnels-2026-a", "acompte-1-2026"
STRUCTURES = 29


@dataclass(frozen=True)
class Publication:
    """A value of P107 known from a day on, for an exercice."""

    exercice: int
    connu_le: date
    valeur: str
    cle: str = P107


def avec_publications(ctx: Contexte, dossier: Path, *publications: Publication) -> Contexte:
    """The same installation, whose barème holds more values, each known on its day."""
    config = dossier / "config"
    shutil.copytree(ctx.reglages.config, config)
    for publiee in publications:
        fichier = config / "baremes" / f"{publiee.exercice}.yaml"
        ligne = (
            f'    - {{valeur: "{publiee.valeur}", statut: publie, connu_le: {publiee.connu_le}, source: caf92_2026}}\n'
        )
        titre = f"  {publiee.cle}:\n"
        texte = fichier.read_text(encoding="utf-8")
        assert titre in texte
        fichier.write_text(texte.replace(titre, titre + ligne), encoding="utf-8")
    return Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)


def reponses(rang: int) -> dict[str, Any]:
    """Answers of a crèche: the first is the usual one; the billing rate goes from 100 to 130 %."""
    if rang == 1:
        return dict(CRECHE) | {"taux_regime_general": "1", "participations_familiales": "63360", "charges": "400000"}
    alea = Random(f"rappels-{rang}")  # noqa: S311
    realisees = alea.randint(12_000, 40_000)
    facturees = realisees * alea.choice((1000, 1040, 1070, 1071, 1100, 1150, 1199, 1200, 1250, 1300)) // 1000
    return CRECHE | {
        "places": alea.randint(10, 40),
        "heures_realisees": str(realisees),
        "heures_facturees": str(facturees),
        "charges": str(facturees * alea.randint(980, 1300) // 100),
        "participations_familiales": str(facturees * alea.randint(80, 215) // 100),
        "couches_et_repas": alea.randint(1, 10) <= 8,
        "enfants_inscrits": alea.randint(20, 80),
    }


def declarer(
    session: Session, rang: int, nature: str, exercice: int, etape: str, changements: Mapping[str, Any] | None = None
) -> None:
    """Record a validated declaration of a crèche."""
    session.add(
        Declaration(
            structure_id=rang, prestation="EAJE", nature=nature, exercice=exercice, etape=etape, origine="test",
            donnees=reponses(rang) | dict(changements or {}), recue_le=INSTANT, etat=EtatDeclaration.VALIDEE,
        )
    )  # fmt: skip
    session.flush()


def peupler(ctx: Contexte, nombre: int = STRUCTURES, *, nature: str = "reel") -> None:
    """Crèches under a convention, three to a partner, each with a validated réel 2025 or prévisionnel 2026."""
    with transaction(ctx.moteur) as session:
        for partenaire in range(1, (nombre + 2) // 3 + 1):
            ajouter_partenaire(session, partenaire, f"Commune {partenaire}")
        for rang in range(1, nombre + 1):
            ajouter_structure(session, rang, (rang + 2) // 3)
            if nature == "reel":
                declarer(session, rang, nature, 2025, ETAPE)
            else:
                declarer(session, rang, nature, 2026, PREVISIONNELS)


def calculer_et_payer(ctx: Contexte, jour: date, *, declaration: str = ETAPE, paiement: str = ETAPE) -> None:
    """Compute the rights of a step as known that day, then pay them."""
    calculer_droits(ctx, declaration, jour)
    preparer_dus(ctx, paiement, jour)
    payer(ctx, paiement, jour)


def payer(ctx: Contexte, etape: str, jour: date) -> None:
    """Propose and release what a step makes due."""
    lot = proposer_lot(ctx, etape, PROPOSE, jour)
    assert lot is not None
    liberer(ctx, lot, jour)


def structure(ctx: Contexte, rang: int) -> Structure:
    """A structure by its rank."""
    with transaction(ctx.moteur) as session:
        return session.exec(select(Structure).where(Structure.id == rang)).one()

"""Third part of `make bench`: the export of a batch, stage by stage, and the journal read again from end to end.

Shares of one run, in processor time: what else the machine does then does not count.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import select, update

from modeles.base import creer_moteur, transaction
from modeles.journal import inscrire
from modeles.schema import migrer
from modeles.tables import CoordonneeBancaire, Declaration, Droit, LigneJournal, LigneLot, Lot, Structure, Versement
from operations import exports, virements
from operations.contexte import Contexte
from operations.journal import verifier_journal
from regles.etats import EtatLot, EtatVersement, NatureVersement
from regles.journal import COUVERTES, GENESE, empreinte
from schemas.configuration.reglages import charger_reglages
from tests.bench import Chronometre, afficher
from tests.operations.argent import (
    ETAPE,
    INSTANT,
    JOUR,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_structure,
)

CIBLES = {500: 1.0, 5_000: 8.0}  # seconds, by number of lines of a batch
LIGNES_DU_JOURNAL, CIBLE_DU_JOURNAL = 100_000, 1.0
PAR_PARTENAIRE = 5
ETAPES = (
    (exports, "lignes_du_lot", "lignes lues"),
    (exports, "lire_bordereau", "lignes lues"),
    (exports, "lire_annexes", "lignes lues"),
    (exports, "fichier_de_virements", "lignes lues"),
    (exports, "bordereau_csv", "bordereaux"),
    (exports, "bordereau_xlsx", "bordereaux"),
    (exports, "ecritures_csv", "écritures comptables"),
    (virements, "ecrire", "virements écrits"),
    (virements, "relire", "virements relus"),
    (exports, "synthese_pdf", "synthèse PDF"),
    (exports, "archiver", "archive"),
)


@contextmanager
def base_neuve() -> Iterator[Contexte]:
    """Give an empty database of its own, in demonstration mode."""
    with tempfile.TemporaryDirectory() as dossier:
        reglages = charger_reglages().model_copy(update={"var": Path(dossier), "demonstration": True})
        moteur = creer_moteur(f"sqlite:///{dossier}/campagnes.db")
        migrer(moteur)
        yield Contexte(reglages, moteur)
        moteur.dispose()


def preparer_lot(ici: Contexte, nombre: int) -> None:
    """Write a batch of so many crèches, as its visa leaves it."""
    with transaction(ici.moteur) as session:
        for rang in range(1, 2 + nombre // PAR_PARTENAIRE):
            ajouter_partenaire(session, rang, f"Communauté de communes n° {rang}")
        for rang in range(1, nombre + 1):
            ajouter_structure(session, rang, 1 + rang // PAR_PARTENAIRE)
            ajouter_declaration(session, rang, rang)
            ajouter_droit(session, rang, 100_000 + rang)
        dus = session.exec(
            select(Droit, Structure, CoordonneeBancaire).where(
                Droit.declaration_id == Declaration.id,
                Declaration.structure_id == Structure.id,
                Structure.partenaire_id == CoordonneeBancaire.partenaire_id,
            )
        ).all()
        lot = Lot(
            numero=f"{ETAPE}-lot-01", etape=ETAPE, etat=EtatLot.PROPOSE, propose_par=PROPOSE, propose_le=INSTANT,
            nombre=nombre, total_centimes=sum(droit.montant_centimes or 0 for droit, _, _ in dus), demonstration=True,
        )  # fmt: skip
        session.add(lot)
        session.flush()
        for droit, structure, compte in dus:
            versement = Versement(
                structure_id=structure.id or 0, prestation="EAJE", exercice=2025, nature=NatureVersement.SOLDE,
                montant_centimes=droit.montant_centimes or 0, droit_id=droit.id, etape=ETAPE, etat=EtatVersement.DU,
                reference=f"2025-EAJE-{structure.code}-01", cree_le=INSTANT,
            )  # fmt: skip
            session.add(versement)
            session.flush()
            session.add(
                LigneLot(
                    lot_id=lot.id or 0, versement_id=versement.id or 0, montant_centimes=versement.montant_centimes,
                    coordonnee_id=compte.id,
                )
            )  # fmt: skip
        session.flush()
        session.exec(update(Versement).values(etat=EtatVersement.EN_LOT))
        session.exec(update(Lot).values(etat=EtatLot.ORDONNANCE, ordonne_par=ORDONNE, ordonne_le=INSTANT))
        session.exec(update(Lot).values(etat=EtatLot.LIBERE, decide_par=LIBERE, decide_le=INSTANT))
        session.exec(update(Versement).values(etat=EtatVersement.LIBERE))
        inscrire(session, le=INSTANT, par=LIBERE, objet="lot", objet_id=lot.numero, action="decider")


def exporter(nombre: int) -> Chronometre:
    """Export a batch of so many lines, timed."""
    chrono = Chronometre(time.process_time)
    with base_neuve() as ici:
        preparer_lot(ici, nombre)
        with chrono.suivis(ETAPES), chrono.etape("base et disque"):
            exports.exporter_lot(ici, 1, JOUR)
    return chrono


def relire_le_journal() -> Chronometre:
    """Verify a journal of `LIGNES_DU_JOURNAL` lines, timed."""
    chrono = Chronometre(time.process_time)
    with base_neuve() as ici:
        with transaction(ici.moteur) as session:
            session.execute(insert(LigneJournal), list(lignes_du_journal()))
        with chrono.etape("journal verifier"):
            etat = verifier_journal(ici)
    assert (etat.lignes, etat.rupture) == (LIGNES_DU_JOURNAL, None)
    return chrono


def lignes_du_journal() -> Iterator[dict[str, object]]:
    tete = GENESE
    for numero in range(1, LIGNES_DU_JOURNAL + 1):
        le = INSTANT + timedelta(seconds=numero)
        ligne = {
            "numero": numero, "le": le, "enregistre_le": le, "par": PROPOSE, "objet": "versement",
            "objet_id": f"2025-EAJE-S{numero}-01", "action": "proposer", "avant": "du", "apres": "en_lot",
            "motif": "écart expliqué", "details": '{"montant_centimes": 123456}', "precedente": tete,
        }  # fmt: skip
        couvert = {**ligne, "le": le.isoformat(), "enregistre_le": le.isoformat()}
        tete = empreinte(tete, [str(couvert[nom]) if nom != "numero" else numero for nom in COUVERTES])
        yield {**ligne, "empreinte": tete}


def main() -> int:
    """Run all; exit code 1 when one takes longer than its target."""
    exporter(PAR_PARTENAIRE)  # imports, once
    tenues = []
    for nombre, cible in CIBLES.items():
        total = afficher(f"Un lot de {nombre} lignes exporté (temps processeur)", exporter(nombre))
        tenues.append(_juger(total, cible))
    total = afficher(f"Un journal de {LIGNES_DU_JOURNAL} lignes relu (temps processeur)", relire_le_journal())
    tenues.append(_juger(total, CIBLE_DU_JOURNAL))
    return 0 if all(tenues) else 1


def _juger(total: float, cible: float) -> bool:
    sys.stdout.write(f"Cible : moins de {cible:.0f} s — {'tenue' if total < cible else 'dépassée'}.\n")
    return total < cible


if __name__ == "__main__":
    sys.exit(main())

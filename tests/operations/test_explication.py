"""From a payment back to the bytes, the parameters and the people; what has been tampered with is told."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from demonstration.hasard import iban_invente
from modeles.base import transaction
from modeles.tables import Declaration, Depot
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.explication import ecrire_explication, expliquer_versement
from operations.exports import exporter_lot
from operations.lots import proposer_lot
from regles.etats import EtatDeclaration, EtatDepot
from tests.operations.argent import (
    ETAPE,
    INSTANT,
    JOUR,
    LIBERE,
    PROPOSE,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    ajouter_reprise,
    ajouter_structure,
    liberer,
)

OCTETS = b"PK\x03\x04 un classeur"
SOLDE = "2025-EAJE-S01-02"


@pytest.fixture
def paye(contexte: Contexte) -> Contexte:
    """A crèche paid on the declaration read from a deposited file, an indu of its neighbour withheld on it."""
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session)
        session.add(
            Depot(
                id=7, sha256=hashlib.sha256(OCTETS).hexdigest(), nom_fichier="<b>réel</b>.xlsx", taille=len(OCTETS),
                octets=OCTETS, origine="boite", recu_le=INSTANT, etat=EtatDepot.ACCEPTE, structure_id=None,
            )
        )  # fmt: skip
        ajouter_structure(session, 1, retenue="1")
        session.flush()
        session.add(
            Declaration(
                id=1, structure_id=1, prestation="EAJE", nature="reel", exercice=2025, etape=ETAPE, origine="depot",
                depot_id=7, donnees={"heures": 1000, "ouvert": True}, recue_le=INSTANT, etat=EtatDeclaration.VALIDEE,
            )
        )  # fmt: skip
        session.flush()
        ajouter_reprise(session, 1, 70_000)
        ajouter_droit(session, 1, 100_000)
        ajouter_reel(session, 2, 60_000, 61_000)
    preparer_dus(contexte, ETAPE, JOUR)
    lendemain = JOUR + timedelta(days=1)
    lot = proposer_lot(contexte, ETAPE, PROPOSE, lendemain)
    assert lot is not None
    liberer(contexte, lot, lendemain)
    exporter_lot(contexte, lot, lendemain)
    return contexte


def test_un_solde_remonte_jusqu_au_fichier_et_aux_personnes(paye: Contexte, tmp_path: Path) -> None:
    lue = expliquer_versement(paye, SOLDE)
    assert (lue.montant_centimes, lue.deja_verse_centimes) == (30_000, 70_000)
    assert lue.lot is not None
    assert (lue.lot.propose_par, lue.lot.decide_par, lue.lot.net_centimes) == (PROPOSE, LIBERE, 29_000)
    assert lue.lot.retenues == (("2025-EAJE-S02-02", 1_000),)
    suffixes = sorted(nom.rpartition(".")[2] for nom, _ in lue.lot.fichiers)
    assert suffixes == ["csv", "csv", "json", "pdf", "xlsx", "xml", "zip"]
    assert lue.fichier is not None
    assert lue.fichier.intact
    assert dict(lue.reponses) == {"heures": "1000", "ouvert": "oui"}
    assert [(a.par, a.quoi.partition(" : ")[2]) for a in lue.actes][-3:] == [
        (LIBERE, "passer"), (LIBERE, "decider"), (LIBERE, "exporter"),
    ]  # fmt: skip
    page, depose = ecrire_explication(lue, tmp_path)
    texte = page.read_text(encoding="utf-8")
    assert depose.read_bytes() == OCTETS
    assert "&lt;b&gt;réel&lt;/b&gt;.xlsx" in texte
    assert iban_invente(1) not in texte
    assert "DÉMONSTRATION" in texte
    assert f"{ETAPE}-01-001" in texte
    assert all(empreinte in texte for _, empreinte in lue.lot.fichiers)
    assert lue.tete_du_journal in texte


def test_des_octets_alteres_se_voient(paye: Contexte, tmp_path: Path) -> None:
    with paye.moteur.begin() as connexion:
        for garde in ("garde_depot_update", "garde_depot_octets"):
            connexion.execute(text(f"DROP TRIGGER IF EXISTS {garde}"))
        connexion.execute(text("UPDATE depot SET octets = X'00' WHERE id = 7"))
    lue = expliquer_versement(paye, SOLDE)
    assert lue.fichier is not None
    assert not lue.fichier.intact
    assert "a été altéré" in ecrire_explication(lue, tmp_path)[0].read_text(encoding="utf-8")


def test_un_indu_et_une_reprise_disent_ce_qu_on_sait(paye: Contexte, tmp_path: Path) -> None:
    indu = expliquer_versement(paye, "2025-EAJE-S02-02")
    assert (indu.nature, indu.lot, indu.fichier) == ("indu", None, None)
    assert "Déclaration reprise" in ecrire_explication(indu, tmp_path)[0].read_text(encoding="utf-8")
    reprise = expliquer_versement(paye, "A1-2025")
    assert (reprise.droit, reprise.declaration, reprise.etat) == (None, {}, "reprise")
    assert "Payé avant ce système" in ecrire_explication(reprise, tmp_path)[0].read_text(encoding="utf-8")


def test_une_reference_inconnue_est_refusee(contexte: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="Aucun versement ne porte la référence « X »"):
        expliquer_versement(contexte, "X")

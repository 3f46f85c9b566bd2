"""The export of a batch: killed at any write and resumed, asked by several at once, altered on disk: one package."""

import hashlib
import io
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import SQLModel, select

from demonstration.annee.arrets import condamner
from demonstration.hasard import iban_invente
from modeles.base import creer_moteur, transaction
from modeles.tables import ExportLot, LigneLot
from modeles.transitions import Acte
from operations.contexte import ActeRefuse, Contexte
from operations.coordonnees import confirmer, enregistrer
from operations.dus import preparer_dus
from operations.exports import ExportFait, dire_les_alteres, exporter_lot
from operations.journal import histoire, verifier_journal
from operations.lots import proposer_lot, resume_lot
from operations.resultats import noter_resultat
from operations.signatures import transmettre_lot
from operations.suspensions import lever_suspension, suspendre
from regles.etats import EtatLigne, EtatLot
from schemas.configuration.reglages import Reglages
from tests.operations.argent import (
    ETAPE,
    INSTANT,
    JOUR,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    liberer,
)

# Processes forked from a clean one: the one that runs the tests may hold threads.
ENSEMBLE = multiprocessing.get_context("forkserver")
ENSEMBLE.set_forkserver_preload([__name__])
LOT, NUMERO = 1, f"{ETAPE}-lot-01"
TUE = -9
TABLES = tuple(SQLModel.metadata.tables)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """A batch of two lines that waits for its export."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 100_000, 70_000)
        ajouter_reel(session, 2, 5, 0)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    assert proposer_lot(contexte_deux_bases, ETAPE, PROPOSE, JOUR) == LOT
    liberer(contexte_deux_bases, LOT)
    contexte_deux_bases.moteur.dispose()
    return contexte_deux_bases


@dataclass(frozen=True, slots=True)
class Constat:
    """What an export has left: sha256 by name on the disk and in the database, the batch, its line of the journal."""

    sur_disque: dict[str, str]
    figes: dict[str, str]
    etat: EtatLot
    exports_au_journal: int
    journal_entier: bool


def constater(ici: Contexte) -> Constat:
    dossier = ici.reglages.var / "exports"
    with transaction(ici.moteur) as session:
        figes = [(e.nom_fichier, hashlib.sha256(e.octets).hexdigest()) for e in session.exec(select(ExportLot))]
    assert len(figes) == len(dict(figes))
    return Constat(
        {str(c.relative_to(dossier / NUMERO)): sha256(c) for c in dossier.rglob("*") if c.is_file()},
        dict(figes),
        resume_lot(ici, LOT).etat,
        [ligne.action for ligne in histoire(ici, "lot", NUMERO)].count("exporter"),
        verifier_journal(ici).rupture is None,
    )


def sha256(chemin: Path) -> str:
    return hashlib.sha256(chemin.read_bytes()).hexdigest()


class Base:
    """The database of a test, that comes back to what it was when it was kept; one engine, for what it has compiled."""

    def __init__(self, url: str) -> None:
        self.moteur = creer_moteur(url)
        self.fichier = Path(self.moteur.url.database or "")
        self.sqlite = self.moteur.dialect.name == "sqlite"

    def garder(self) -> None:
        if self.sqlite:
            shutil.copy(self.fichier, f"{self.fichier}.garde")
        else:
            copies = (f'CREATE TABLE garde."{table}" AS TABLE public."{table}"' for table in TABLES)
            self._executer("CREATE SCHEMA garde", *copies)

    def rendre(self) -> None:
        self.moteur.dispose()
        if self.sqlite:
            for reste in self.fichier.parent.glob(f"{self.fichier.name}-*"):
                reste.unlink()
            shutil.copy(f"{self.fichier}.garde", self.fichier)
        else:
            vidages = (f'DELETE FROM "{table}"' for table in TABLES)  # noqa: S608
            retours = (f'INSERT INTO "{table}" SELECT * FROM garde."{table}"' for table in TABLES)  # noqa: S608
            self._executer("SET LOCAL session_replication_role = replica", *vidages, *retours)
            self.moteur.dispose()

    def oublier(self) -> None:
        if self.sqlite:
            Path(f"{self.fichier}.garde").unlink()
        else:
            self._executer("DROP SCHEMA garde CASCADE")
        self.moteur.dispose()

    def _executer(self, *instructions: str) -> None:
        with self.moteur.begin() as connexion:
            connexion.exec_driver_sql("; ".join(instructions))


def tuer_partout(reglages: Reglages) -> list[Constat]:
    """Export never killed, then killed at the 1st write, the 2nd… until it survives; what each, resumed, has left."""
    base, constats, fin = Base(reglages.base_url), [], TUE
    base.garder()
    for mort_a in count():
        base.rendre()
        ici = Contexte(reglages.model_copy(update={"var": reglages.var / str(mort_a)}), base.moteur)
        ici.reglages.var.mkdir()
        if mort_a:  # the first one is never killed; what it has imported and compiled serves the others
            fin = exporter_et_mourir(ici, partial(condamner, ici.moteur, mort_a, lambda: True))
            laisse = constater(ici)
            donnes = {nom: somme for nom, somme in laisse.sur_disque.items() if not nom.startswith(".")}
            assert donnes.items() <= laisse.figes.items(), "a file was given before its bytes were frozen"
        exporter_lot(ici, LOT, JOUR)
        constats.append(constater(ici))
        if fin != TUE:
            break
    base.oublier()
    assert fin == 0
    return constats


def tuer_en_ecrivant(reglages: Reglages) -> list[tuple[set[str], Constat]]:
    """Kill with the 1st file half-written, then the 2nd…; the sha256 then on disk, and what each, resumed, has left."""
    ici, dossier, constats = Contexte(reglages, creer_moteur(reglages.base_url)), reglages.var / "exports", []
    exporter_lot(ici, LOT, JOUR)
    for mort_a in count(1):
        shutil.rmtree(dossier)
        ici.moteur.dispose()
        fin = exporter_et_mourir(ici, partial(condamner_en_ecrivant, mort_a))
        laisses = {sha256(chemin) for chemin in (dossier / NUMERO).glob("[!.]*")}
        exporter_lot(ici, LOT, JOUR)
        constats.append((laisses, constater(ici)))
        if fin != TUE:
            break
    ici.moteur.dispose()
    assert fin == 0
    return constats


def condamner_en_ecrivant(mort_a: int) -> None:
    """Kill this very process once its nth file has been given its bytes, that it still holds in part."""
    vus = 0

    def surveiller(_cadre: FrameType, evenement: str, fonction: Any) -> None:
        nonlocal vus
        if evenement == "c_return" and isinstance(getattr(fonction, "__self__", None), io.BufferedWriter):
            vus += fonction.__name__ == "write"
            if vus == mort_a:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(surveiller)


def exporter_et_mourir(ici: Contexte, condamne: Callable[[], None]) -> int:
    """Export in a forked process, condemned first; give how it ended."""
    enfant = os.fork()
    if enfant:
        return os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1])
    try:
        tempfile.tempdir = str(ici.reglages.var)
        condamne()
        exporter_lot(ici, LOT, JOUR)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def test_tue_entre_deux_ecritures_puis_repris_l_export_donne_le_meme_paquet(ctx: Contexte) -> None:
    with ProcessPoolExecutor(1, ENSEMBLE) as processus:
        jamais_tue, *repris = processus.submit(tuer_partout, ctx.reglages).result()
    assert jamais_tue.sur_disque == jamais_tue.figes
    assert (len(jamais_tue.figes), jamais_tue.etat, jamais_tue.exports_au_journal) == (7, EtatLot.EXPORTE, 1)
    assert jamais_tue.journal_entier
    assert len(repris) > 2 * len(jamais_tue.figes), "each file is created, then renamed"
    assert [constat for constat in repris if constat != jamais_tue] == []


def test_tue_au_milieu_d_un_fichier_l_export_n_en_laisse_aucun_a_moitie(ctx: Contexte) -> None:
    with ProcessPoolExecutor(1, ENSEMBLE) as processus:
        constats = processus.submit(tuer_en_ecrivant, ctx.reglages).result()
    _, jamais_tue = constats[-1]
    assert [len(laisses) for laisses, _ in constats] == list(range(len(jamais_tue.figes) + 1))
    assert set().union(*(laisses for laisses, _ in constats)) == set(jamais_tue.figes.values())
    assert [constat for _, constat in constats if constat != jamais_tue] == []
    assert jamais_tue.sur_disque == jamais_tue.figes


def exporter_ailleurs(reglages: Reglages) -> tuple[ExportFait, ...]:
    return exporter_lot(Contexte(reglages, creer_moteur(reglages.base_url)), LOT, JOUR)


def test_quatre_exports_a_la_fois_ne_font_qu_un_paquet(ctx: Contexte) -> None:
    with ProcessPoolExecutor(4, ENSEMBLE) as processus:
        faits = set(processus.map(exporter_ailleurs, [ctx.reglages] * 4))
    assert len(faits) == 1
    constat = constater(ctx)
    assert (constat.sur_disque, constat.exports_au_journal, constat.journal_entier) == (constat.figes, 1, True)


def changer_de_compte(ici: Contexte) -> None:
    compte = enregistrer(ici, "P1", iban_invente(77), "+Commune", JOUR, PROPOSE, JOUR)
    confirmer(ici, compte.id, LIBERE, "rappelé au secrétariat", JOUR)


def corriger_le_droit(ici: Contexte) -> None:
    with transaction(ici.moteur) as session:
        ajouter_droit(session, 1, 80_000, rang=2)


@pytest.mark.parametrize(
    ("changer", "phrase"),
    [
        (changer_de_compte, "le compte bancaire a changé pour S01 (+Commune), S02 (+Commune)"),
        (corriger_le_droit, "le droit a changé ou n'est plus payable pour S01"),
    ],
)
def test_ce_qui_a_change_depuis_le_visa_ne_part_pas(
    ctx: Contexte, changer: Callable[[Contexte], None], phrase: str
) -> None:
    changer(ctx)
    with pytest.raises(ActeRefuse, match=f"{re.escape(phrase)} : refusez ce lot, puis proposez-en un nouveau"):
        exporter_lot(ctx, LOT, JOUR)
    constat = constater(ctx)
    assert (constat.sur_disque, constat.figes, constat.etat) == ({}, {}, EtatLot.LIBERE)


def test_ce_qui_change_apres_l_export_ne_change_rien_au_paquet(ctx: Contexte) -> None:
    faits = exporter_lot(ctx, LOT, JOUR)
    changer_de_compte(ctx)
    assert exporter_lot(ctx, LOT, JOUR + timedelta(days=1)) == faits


def test_un_fichier_modifie_sur_le_disque_est_remis_et_dit(ctx: Contexte) -> None:
    faits = exporter_lot(ctx, LOT, JOUR)
    assert dire_les_alteres(faits) == ""
    virements = next(fait for fait in faits if fait.format == "xml")
    virements.chemin.write_bytes(virements.chemin.read_bytes().replace(b"300.05", b"900.05"))
    faux = sha256(virements.chemin)
    seconds = exporter_lot(ctx, LOT, JOUR)
    assert [fait.format for fait in seconds if fait.altere] == ["xml"]
    assert virements.chemin.name in dire_les_alteres(seconds)
    assert sha256(virements.chemin) == virements.sha256
    assert sha256(virements.chemin.with_name(f"{virements.chemin.name}.altere-{faux[:12]}")) == faux
    *_, ligne = histoire(ctx, "lot", NUMERO)
    assert (ligne.action, faux in ligne.details) == ("remettre des fichiers", True)
    assert exporter_lot(ctx, LOT, JOUR) == faits


def test_un_fichier_modifie_dans_un_dossier_qui_ne_s_ecrit_plus_se_dit_sans_s_inscrire(ctx: Contexte) -> None:
    faits = exporter_lot(ctx, LOT, JOUR)
    faits[0].chemin.write_bytes(b"autre chose")
    obstacle = faits[0].chemin.with_name(f".{faits[0].chemin.name}.tmp")
    obstacle.mkdir()
    for _ in range(2):
        with pytest.raises(ActeRefuse, match=f"ne s'écrit pas .* modifié .* : {faits[0].chemin.name}"):
            exporter_lot(ctx, LOT, JOUR)
    assert faits[0].chemin.read_bytes() == b"autre chose"
    obstacle.rmdir()
    exporter_lot(ctx, LOT, JOUR)
    assert [li.action for li in histoire(ctx, "lot", NUMERO)].count("remettre des fichiers") == 1


def effacer(chemin: Path) -> None:
    chemin.unlink()


def modifier(chemin: Path) -> None:
    chemin.write_bytes(b"autre chose")


def remplacer_par_un_dossier(chemin: Path) -> None:
    chemin.unlink()
    chemin.mkdir()


@pytest.mark.parametrize(
    ("atteinte", "phrase"),
    [
        (effacer, "Il manque .*virements"),
        (modifier, "modifié .*virements"),
        (remplacer_par_un_dossier, "ne se lit pas"),
    ],
)
def test_ce_qui_manque_ou_differe_ne_se_note_pas_transmis(
    ctx: Contexte, atteinte: Callable[[Path], None], phrase: str
) -> None:
    virements = next(fait.chemin for fait in exporter_lot(ctx, LOT, JOUR) if fait.format == "xml")
    atteinte(virements)
    with pytest.raises(ActeRefuse, match=phrase):
        transmettre_lot(ctx, LOT, LIBERE, JOUR)
    assert resume_lot(ctx, LOT).etat is EtatLot.EXPORTE
    if virements.is_dir():
        virements.rmdir()
    exporter_lot(ctx, LOT, JOUR)
    transmettre_lot(ctx, LOT, LIBERE, JOUR)
    assert resume_lot(ctx, LOT).etat is EtatLot.TRANSMIS


def test_un_reste_d_ecriture_disparait_et_l_intact_n_est_pas_recrit(ctx: Contexte) -> None:
    faits = exporter_lot(ctx, LOT, JOUR)
    restes = [fait.chemin.with_name(f".{fait.chemin.name}.tmp") for fait in faits]
    ecrits = [fait.chemin.stat().st_mtime_ns for fait in faits]
    for reste in restes:
        reste.write_bytes(b"coup")
    exporter_lot(ctx, LOT, JOUR)
    assert [fait.chemin.stat().st_mtime_ns for fait in faits] == ecrits
    assert [reste for reste in restes if reste.exists()] == []


def test_un_dossier_qui_ne_s_ecrit_pas_se_dit_et_l_export_se_reprend(ctx: Contexte) -> None:
    obstacle = ctx.reglages.var / "exports"
    obstacle.write_text("")
    with pytest.raises(ActeRefuse, match=r"ne s'écrit pas .* octets du lot sont gardés"):
        exporter_lot(ctx, LOT, JOUR)
    assert resume_lot(ctx, LOT).etat is EtatLot.EXPORTE
    obstacle.unlink()
    exporter_lot(ctx, LOT, JOUR)
    constat = constater(ctx)
    assert (constat.sur_disque, len(constat.figes)) == (constat.figes, 7)


def test_le_bordereau_dit_ce_qui_fut_suspendu_et_ce_qui_l_est(contexte_deux_bases: Contexte) -> None:
    ici = contexte_deux_bases
    with transaction(ici.moteur) as session:
        ajouter_partenaire(session)
        for rang in (1, 2, 3):
            ajouter_reel(session, rang, 1_000 * rang, 0)
    preparer_dus(ici, ETAPE, JOUR)
    suspendre(ici, "2025-EAJE-S01-01", "pieces", "attestation attendue", ORDONNE, JOUR)
    lever_suspension(ici, "2025-EAJE-S01-01", "attestation reçue", LIBERE, JOUR + timedelta(days=1))
    suspendre(ici, "2025-EAJE-S03-01", "liquidation", "=un doute", LIBERE, JOUR)
    lot = proposer_lot(ici, ETAPE, PROPOSE, JOUR)
    assert lot is not None
    liberer(ici, lot)
    csv, xlsx, *_ = exporter_lot(ici, lot, JOUR)
    dite = (
        "Pièce justificative absente ou insuffisante (pieces), du 12/03/2026 au 13/03/2026, levée par a.leroy : "
        "attestation reçue"
    )
    assert csv.chemin.read_text(encoding="utf-8-sig").count(f";{dite};") == 1
    classeur = load_workbook(xlsx.chemin)
    rangees = list(classeur["Bordereau"].iter_rows(min_row=11, max_row=12, values_only=True))
    assert [(rangee[1], rangee[13]) for rangee in rangees] == [("2025-EAJE-S01-01", dite), ("2025-EAJE-S02-01", None)]
    suspendues = list(classeur["Suspendus"].iter_rows(min_row=4, values_only=True))
    assert suspendues[0] == (
        "2025-EAJE-S03-01", "S03 Crèche 3", "+Commune", 30, "liquidation", "Liquidation inexacte", "12/03/2026",
        LIBERE, "=un doute",
    )  # fmt: skip
    assert len(suspendues) == 2


def test_un_compte_qui_n_a_eu_qu_un_rejet_reste_nouveau(ctx: Contexte) -> None:
    def depuis(lot: int) -> list[str]:
        csv = next(fait.chemin for fait in exporter_lot(ctx, lot, JOUR) if fait.format == "csv")
        rangees = [ligne.split(";") for ligne in csv.read_text(encoding="utf-8-sig").splitlines()]
        titres = next(rangee for rangee in rangees if "Compte nouveau, du" in rangee)
        colonne, reference = titres.index("Compte nouveau, du"), titres.index("Référence")
        return [rangee[colonne] for rangee in rangees if len(rangee) > 2 and rangee[reference].startswith("2025-")]

    nouveaux = depuis(LOT)
    transmettre_lot(ctx, LOT, LIBERE, JOUR)
    with transaction(ctx.moteur) as session:
        for ligne in session.exec(select(LigneLot)).all():
            noter_resultat(session, ligne, EtatLigne.REJETEE, "AC01", Acte(INSTANT, LIBERE, "résultat"))
    assert proposer_lot(ctx, ETAPE, PROPOSE, JOUR) == LOT + 1
    liberer(ctx, LOT + 1)
    assert depuis(LOT + 1) == nouveaux == ["01/01/2023"] * 2

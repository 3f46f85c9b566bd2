"""The inbox: files arrive whole, are kept once with their fingerprint, then wait to be read (`instruire`)."""

import contextlib
import hashlib
import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from echanges.classeur.garde import TAILLE_MAX
from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes import depot_par_sha256
from modeles.tables import Depot, LigneJournal
from operations import doublons
from operations.contexte import ActeRefuse, Contexte, dire_l_obstacle
from operations.filoue import depot as filoue
from operations.instruction import BilanReception, LigneReception, instruire
from operations.verification import refus_de_taille
from regles.calendrier import PARIS
from regles.etats import EtatDepot

__all__ = [
    "BilanReception",
    "LigneReception",
    "compter_doublons",
    "deposer",
    "enregistrer_arrivees",
    "est_partiel",
    "instruire",
]

SEPARATEUR = "__"
NOM_MAX = 200  # bytes kept of a file name: 255 is the limit of the file systems, the prefix takes 34


def deposer(contexte: Contexte, chemin: Path) -> Path:
    """Copy a file to the inbox; it appears there whole or not at all, and the original is left as it is.

    Raises:
        ActeRefuse: no such file, an office suite's lock file, or one that cannot be read.
    """
    if not chemin.is_file():
        raise ActeRefuse(f"Le fichier « {chemin} » n'existe pas.")
    if est_partiel(chemin):
        raise ActeRefuse(f"« {chemin.name} » est un fichier de travail du tableur : déposez le classeur lui-même.")
    boite = contexte.reglages.boite_depots
    boite.mkdir(parents=True, exist_ok=True)
    provisoire = boite / f".{uuid.uuid4().hex}.part"
    try:
        with chemin.open("rb") as source, provisoire.open("xb") as copie:
            shutil.copyfileobj(source, copie)
            copie.flush()
            os.fsync(copie.fileno())
        return _nommer(provisoire, boite, chemin.name)
    except OSError as erreur:
        raise ActeRefuse(f"Le fichier « {chemin} » ne se copie pas ({dire_l_obstacle(erreur)}).") from None
    finally:
        provisoire.unlink(missing_ok=True)


def _nommer(provisoire: Path, dossier: Path, nom: str) -> Path:
    """Give a whole file its name in one step, without ever replacing another one."""
    rang = 1
    while True:
        voulu = dossier / (nom if rang == 1 else f"{Path(nom).stem} ({rang}){Path(nom).suffix}")
        try:
            os.link(provisoire, voulu)
        except FileExistsError:
            rang += 1
        else:
            return voulu


def est_partiel(chemin: Path) -> bool:
    """Whether the name is that of a file still being copied, or of an office suite's lock."""
    return chemin.name.startswith((".", "~$")) or chemin.suffix.lower() in {".part", ".tmp", ".crdownload"}


def enregistrer_arrivees(contexte: Contexte, jour: date | None = None, origine: str = "boite") -> list[int]:
    """Record each file of the inbox as a deposit (bytes and sha256), then put it away; give the ids of the new ones.

    The same bytes are one deposit: a second arrival is journaled as a duplicate, and answered. A file too big is not
    read: it goes to quarantine with a sentence. A file still being written waits (on a played day, nothing does). A
    file is first taken out of the inbox under a unique name, which the journal keeps: killed anywhere and started
    again, or run twice at once, each arrival is recorded once.
    """
    depots = contexte.reglages.boite_depots.parent
    prises, traites, releve = depots / "en_cours", depots / "traites", depots / "derniere_releve"
    for dossier in (prises, traites):
        dossier.mkdir(parents=True, exist_ok=True)
    maintenant = contexte.maintenant()
    calme = timedelta(seconds=contexte.reglages.fichier.reception.calme_secondes if jour is None else 0)
    for fichier in _arrives(contexte.reglages.boite_depots, maintenant, calme):
        _ranger(fichier, prises / f"{uuid.uuid4().hex}{SEPARATEUR}{_nom_court(fichier.name)}")
    precedente = _instant(releve.stat()) if releve.exists() else None
    nouveaux = []
    for pris, etat in _pris(prises):
        recu_le = _arrive_le(etat, precedente, maintenant) if jour is None else contexte.maintenant(jour)
        if _prendre_filoue(contexte, pris, recu_le, contexte.maintenant(jour)):
            continue
        if etat.st_size > TAILLE_MAX:
            _mettre_en_quarantaine(contexte, pris, etat.st_size, jour)
            continue
        with contextlib.suppress(FileNotFoundError):  # another run has just recorded it and put it away
            identifiant = _enregistrer(contexte, pris, recu_le, contexte.maintenant(jour), origine)
            if identifiant is not None:
                nouveaux.append(identifiant)
        _ranger(pris, traites / pris.name)
    releve.touch()
    os.utime(releve, (maintenant.timestamp(), maintenant.timestamp()))
    return nouveaux


def _prendre_filoue(contexte: Contexte, pris: Path, recu_le: datetime, instant: datetime) -> bool:
    """Take apart a file of children's data: never kept in clear, here nor in the database."""
    arrivee, _, nom = pris.name.partition(SEPARATEUR)
    try:
        return filoue.prendre(contexte, pris, arrivee, nom, recu_le, instant)
    except FileNotFoundError:  # another run has just recorded it and erased it
        return True


def _pris(prises: Path) -> list[tuple[Path, os.stat_result]]:
    """Give the files taken out of the inbox, the oldest first."""
    trouves = []
    for pris in prises.iterdir():
        with contextlib.suppress(FileNotFoundError):
            trouves.append((pris, pris.stat()))
    return sorted(trouves, key=lambda p: (p[1].st_mtime_ns, p[0].name.partition(SEPARATEUR)[2]))


def _instant(etat: os.stat_result) -> datetime:
    return datetime.fromtimestamp(etat.st_mtime, PARIS)


def _arrive_le(etat: os.stat_result, precedente: datetime | None, maintenant: datetime) -> datetime:
    """Give the instant a file arrived: when it was last written, between the last two times the inbox was read.

    A copy may keep the date of its original, older than its arrival: it was not there at the previous reading. Who can
    date a file otherwise writes in the inbox itself, that is to say the Caf.
    """
    ecrit = min(_instant(etat), maintenant)
    return ecrit if precedente is None else min(max(ecrit, precedente), maintenant)


def _nom_court(nom: str) -> str:
    """Keep the end of a name too long to be prefixed."""
    return os.fsencode(nom)[-NOM_MAX:].decode("utf-8", "ignore")


def _ranger(fichier: Path, cible: Path) -> None:
    """Move a file; another run of the reception may have done it first."""
    with contextlib.suppress(FileNotFoundError):
        fichier.replace(cible)


def _arrives(boite: Path, maintenant: datetime, calme: timedelta) -> Iterator[Path]:
    """Give the whole files: workbooks that end as one (their last record is written last), others once left alone."""
    if boite.is_dir():
        for fichier in sorted(boite.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                if fichier.is_symlink() or not fichier.is_file() or est_partiel(fichier):
                    continue
                if zipfile.is_zipfile(fichier) or abs(maintenant - _instant(fichier.stat())) >= calme:
                    yield fichier


def _enregistrer(contexte: Contexte, pris: Path, recu_le: datetime, instant: datetime, origine: str) -> int | None:
    arrivee, _, nom = pris.name.partition(SEPARATEUR)
    octets = pris.read_bytes()
    sha256 = hashlib.sha256(octets).hexdigest()
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        if _deja_inscrite(session, arrivee):
            return None
        depot = depot_par_sha256(session, sha256)
        action = doublons.DOUBLON
        if depot is None:
            action = "recevoir"
            depot = Depot(
                sha256=sha256,
                nom_fichier=nom,
                taille=len(octets),
                octets=octets,
                origine=origine,
                recu_le=recu_le,
                etat=EtatDepot.RECU,
            )
            session.add(depot)
            session.flush()
        else:
            doublons.repondre(session, depot, doublons.Arrivee(nom, recu_le), instant)
        inscrire(
            session,
            le=instant,
            par="reception",
            objet="depot",
            objet_id=depot.id or 0,
            action=action,
            apres=EtatDepot.RECU if action == "recevoir" else "",
            details={
                "arrivee": arrivee,
                "arrive_le": recu_le.isoformat(),
                "sha256": sha256,
                "taille": len(octets),
                "origine": origine,
            },
        )
        return depot.id if action == "recevoir" else None


def _deja_inscrite(session: Session, arrivee: str) -> bool:
    trouvee = select(LigneJournal.numero).where(
        col(LigneJournal.objet).in_(["depot", "arrivee"]), col(LigneJournal.details).contains(arrivee)
    )
    return session.exec(trouvee.limit(1)).first() is not None


def _mettre_en_quarantaine(contexte: Contexte, pris: Path, taille: int, jour: date | None) -> None:
    arrivee = pris.name.partition(SEPARATEUR)[0]
    quarantaine = contexte.reglages.boite_depots.parent / "quarantaine"
    quarantaine.mkdir(parents=True, exist_ok=True)
    refus = refus_de_taille()
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        if not _deja_inscrite(session, arrivee):
            inscrire(
                session,
                le=contexte.maintenant(jour),
                par="reception",
                objet="arrivee",
                objet_id=arrivee,
                action="quarantaine",
                motif=refus.message,
                details={"arrivee": arrivee, "taille": taille},
            )
    (quarantaine / f"{pris.name}.txt").write_text(f"{refus.message}\n", encoding="utf-8")
    _ranger(pris, quarantaine / pris.name)


def compter_doublons(contexte: Contexte) -> int:
    """Count the arrivals whose bytes were already known."""
    with transaction(contexte.moteur) as session:
        requete = select(func.count()).select_from(LigneJournal)
        return session.exec(requete.where(LigneJournal.objet == "depot", LigneJournal.action == doublons.DOUBLON)).one()

"""A Filoué file arrives: encrypted into the database at once, its clear copy erased, its name forgotten."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes import structure_par_code
from modeles.requetes_filoue import arrivee_inscrite, fichier_connu
from modeles.tables import FichierFiloue, Structure
from modeles.transitions import Acte, consigner
from operations.configuration import calendriers, plan_relances, reglages_filoue
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.cles import Cles, chiffrer, est_prete, lire_cles
from regles.calendrier import Etape, NatureEtape, fin_de_reception
from regles.etats import EtatDepot
from schemas.filoue.classeur import est_classeur_filoue
from schemas.filoue.entete import OCTETS_SONDES, est_filoue, identifier, normaliser_identifiant

RECEPTION = "reception"
PRESTATION = "EAJE"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file comes from. `arrivee` makes it one arrival for ever; `nom` only serves to find the structure.

    `structure` is its code when a person says it, else it is looked for in the file, then in its name.
    """

    origine: str
    arrivee: str = ""
    nom: str = ""
    structure: str = ""
    oppositions: int | None = None
    par: str = RECEPTION


def deposer(
    contexte: Contexte,
    chemin: Path,
    par: str,
    structure: str = "",
    oppositions: int | None = None,
    jour: date | None = None,
) -> int:
    """Take a file named by a person of the team, who may say whose it is; the original is left to them.

    Raises:
        ActeRefuse: unknown person or structure, no such file, not a Filoué file, already received, no key.
    """
    if par not in {personne.identifiant for personne in contexte.reglages.fichier.equipe}:
        raise ActeRefuse(f"« {par} » n'est pas une personne de l'équipe (config/reglages.yaml).")
    if not chemin.is_file():
        raise ActeRefuse("Ce fichier n'existe pas.")
    if not est_un_filoue(chemin):
        raise ActeRefuse("Ce fichier n'est pas un fichier Filoué : sa première ligne ne porte pas les noms attendus.")
    instant = contexte.maintenant(jour)
    provenance = Provenance("commande", nom=chemin.name, structure=structure, oppositions=oppositions, par=par)
    identifiant, nouveau = _enregistrer(contexte, chemin, provenance, instant, instant)
    if not nouveau:
        raise ActeRefuse(f"Ces octets sont déjà reçus sous le numéro {identifiant} : rien à refaire.")
    return identifiant


def prendre(contexte: Contexte, pris: Path, arrivee: str, nom: str, recu_le: datetime, instant: datetime) -> bool:
    """Take a Filoué file out of the inbox and erase its clear copy; without a usable key or a campaign it waits there.

    False when it is no Filoué file.
    """
    if not est_un_filoue(pris):
        return False
    if est_prete(contexte) and etape_de_depot(contexte, recu_le.date()) is not None:
        _enregistrer(contexte, pris, Provenance("boite", arrivee, nom), recu_le, instant)
        pris.unlink(missing_ok=True)
    return True


def compter_en_attente(contexte: Contexte) -> int:
    """Count the files that wait for a key in the inbox, in clear."""
    prises = contexte.reglages.boite_depots.parent / "en_cours"
    return sum(est_un_filoue(pris) for pris in prises.iterdir()) if prises.is_dir() else 0


def est_un_filoue(chemin: Path) -> bool:
    """Whether a file is a Filoué file by its first bytes, or one saved as a workbook, whatever its name."""
    with chemin.open("rb") as fichier:
        return est_filoue(fichier.read(OCTETS_SONDES)) or est_classeur_filoue(fichier)


def nom_a_dire(chemin: Path) -> str:
    """Give the name by which a file of the inbox is announced: never that of a Filoué file, which is not kept."""
    try:
        return "fichier Filoué" if est_un_filoue(chemin) else chemin.name
    except OSError:  # taken by a reception meanwhile
        return "fichier déjà pris"


def etape_de_depot(contexte: Contexte, jour: date) -> Etape | None:
    """Give the Filoué campaign that a file of a day answers: the first not closed yet, else the last one."""
    campagnes = sorted(
        (fin, e.id, e)
        for c in calendriers(contexte)
        for e in c.etapes
        if e.nature is NatureEtape.FILOUE and (fin := fin_de_reception(e, plan_relances(contexte, e))) is not None
    )
    ouvertes = [e for fin, _, e in campagnes if jour <= fin]
    return ouvertes[0] if ouvertes else campagnes[-1][2] if campagnes else None


def _enregistrer(
    contexte: Contexte, chemin: Path, provenance: Provenance, recu_le: datetime, instant: datetime
) -> tuple[int, bool]:
    """Write the file, unless its bytes or its arrival are known; give its id, and whether it is new.

    A file too big is cut: what is left is refused for its size when it is read.
    """
    contenu = _lire(chemin, reglages_filoue(contexte).lecture.octets_maximum, recu_le)
    campagne = etape_de_depot(contexte, recu_le.date())
    if campagne is None:
        raise ActeRefuse("Aucune campagne Filoué n'est au calendrier (config/calendrier/).")
    details = {"arrivee": provenance.arrivee, "taille": contenu.taille, "origine": provenance.origine}
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        if provenance.arrivee and arrivee_inscrite(session, provenance.arrivee):
            return 0, False
        connu = fichier_connu(session, contenu.sha256)
        if connu is not None:
            inscrire(
                session,
                le=instant,
                par=provenance.par,
                objet="fichierfiloue",
                objet_id=connu.id or 0,
                action="doublon",
                details=details,
            )
            return connu.id or 0, False
        structure = _trouver(contexte, session, contenu.octets, provenance)
        recu = _nouveau(lire_cles(contexte, session), contenu, campagne, provenance, structure)
        session.add(recu)
        session.flush()
        consigner(
            session,
            recu,
            Acte(instant, provenance.par, "recevoir"),
            {**details, "arrive_le": recu_le.isoformat(), "structure": structure.code if structure else ""},
        )
        return recu.id or 0, True


@dataclass(frozen=True, slots=True)
class _Contenu:
    """What was read of a file: its bytes in clear, its size in bytes, when it came."""

    octets: bytes = field(repr=False)
    sha256: str
    taille: int
    recu_le: datetime


def _lire(chemin: Path, maximum: int, recu_le: datetime) -> _Contenu:
    with chemin.open("rb") as fichier:
        octets = fichier.read(maximum + 1)
    return _Contenu(octets, hashlib.sha256(octets).hexdigest(), chemin.stat().st_size, recu_le)


def _nouveau(
    cles: Cles, contenu: _Contenu, campagne: Etape, provenance: Provenance, structure: Structure | None
) -> FichierFiloue:
    return FichierFiloue(
        structure_id=structure.id if structure else None,
        etape=campagne.id,
        exercice=campagne.exercice or 0,
        etat=EtatDepot.RECU,
        origine=provenance.origine,
        recu_le=contenu.recu_le,
        sha256=contenu.sha256,
        taille=contenu.taille,
        empreinte_cle=cles.empreinte,
        octets_chiffres=chiffrer(cles, contenu.octets, contenu.sha256),
        oppositions=provenance.oppositions,
        sommes={},
    )


def _trouver(contexte: Contexte, session: Session, octets: bytes, provenance: Provenance) -> Structure | None:
    """Find whose file it is: the structure a person names, else its IDEQU, its AFC file number, a code in its name."""
    if provenance.structure:
        structure = structure_par_code(session, provenance.structure)
        if structure is None or structure.prestation != PRESTATION:
            raise ActeRefuse(f"« {provenance.structure} » n'est le code d'aucun établissement d'accueil (EAJE).")
        return structure
    structures = session.exec(select(Structure).where(Structure.prestation == PRESTATION)).all()
    _, dossier, idequ = identifier(octets, reglages_filoue(contexte))
    nom = provenance.nom.casefold()
    return (
        _seule([s for s in structures if _est_le_meme(s.idequ, idequ)])
        or _seule([s for s in structures if _est_le_meme(s.dossier_afc, dossier)])
        or _seule([s for s in structures if _cite(s.code, nom)])
    )


def _est_le_meme(connu: str | None, lu: str) -> bool:
    return bool(connu and lu) and normaliser_identifiant(connu or "") == normaliser_identifiant(lu)


def _cite(code: str, nom: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(code.casefold())}(?![^\W_])", nom) is not None


def _seule(trouvees: Sequence[Structure]) -> Structure | None:
    return trouvees[0] if len(trouvees) == 1 else None

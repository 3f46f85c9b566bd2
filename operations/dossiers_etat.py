"""Where the dossiers of a step stand: complete, late, incomplete, not begun, without a sequel."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session

from echanges.etat_dossiers import ecrire
from modeles.base import transaction
from modeles.tables import Piece
from operations.attendus import DOSSIERS_DUS, Attendu, attendus, dates_de
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte, dire_l_obstacle
from operations.pieces import manquantes, pieces_lues
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.dates import en_chiffres
from regles.demarches import Demarche
from regles.etats import EtatDossier, EtatPiece

LIBELLES = {
    EtatDossier.COMPLET: "complet",
    EtatDossier.EN_COURS: "commencé",
    EtatDossier.ATTENDU: "rien reçu",
    EtatDossier.SANS_SUITE: "sans suite",
}
PAS_COMMENCE = "pas de réponse"


@dataclass(frozen=True, slots=True)
class LigneDossier:
    """A dossier. `pieces`: label and day of each document received; `limite`: its own, an extension counted.

    `en_retard`: complete after its limit, or still owed after it.
    """

    code: str
    nom: str
    gestionnaire: str
    territoire: str
    etat: EtatDossier
    dit: str
    pieces: tuple[tuple[str, date], ...]
    refusees: tuple[str, ...]
    manquantes: tuple[str, ...]
    limite: date | None
    prolonge: bool
    complet_le: date | None
    en_retard: bool


@dataclass(frozen=True, slots=True)
class EtatDesDossiers:
    """The dossiers of a step on a day, those that call for an act first."""

    etape: str
    libelle: str
    facultative: bool
    limite: date | None
    fin: date | None
    lignes: tuple[LigneDossier, ...]
    mention: str

    def nombre(self, *etats: EtatDossier) -> int:
        """How many are in some states."""
        return sum(ligne.etat in etats for ligne in self.lignes)

    @property
    def retards(self) -> tuple[LigneDossier, ...]:
        """Those that came late, or are late."""
        return tuple(ligne for ligne in self.lignes if ligne.en_retard)

    @property
    def phrase(self) -> str:
        """« … : 12 complets, 3 commencés, 4 sans réponse, 1 sans suite (sur 20). »."""
        rien = PAS_COMMENCE if self.facultative else "sans réponse"
        return (
            f"{self.libelle} : {self.nombre(EtatDossier.COMPLET)} complet(s), {self.nombre(EtatDossier.EN_COURS)} "
            f"commencé(s), {self.nombre(EtatDossier.ATTENDU)} {rien}, {self.nombre(EtatDossier.SANS_SUITE)} sans suite "
            f"(sur {len(self.lignes)})."
        )


def lister_dossiers(contexte: Contexte, identifiant: str, jour: date | None = None) -> EtatDesDossiers:
    """Say where each dossier of a step stands.

    Raises:
        ActeRefuse: unknown step, or one that takes no dossier.
    """
    reglee = etape(contexte, identifiant)
    suivie = demarche(contexte, reglee)
    if not suivie.par_dossier:
        raise ActeRefuse(f"« {reglee.id} » ne se suit pas par dossier (config/demarches.yaml, pieces).")
    ce_jour = contexte.maintenant(jour).date()
    with transaction(contexte.moteur) as session:
        lignes = _lignes(contexte, session, reglee, suivie, ce_jour)
    return EtatDesDossiers(
        etape=reglee.id,
        libelle=reglee.libelle,
        facultative=suivie.facultative,
        limite=reglee.limite,
        fin=fin_de_reception(reglee, plan_relances(contexte, reglee)),
        lignes=tuple(sorted(lignes, key=lambda ligne: (_rang(ligne), ligne.code))),
        mention=contexte.reglages.mention,
    )


def _rang(ligne: LigneDossier) -> int:
    return (EtatDossier.EN_COURS, EtatDossier.ATTENDU, EtatDossier.COMPLET, EtatDossier.SANS_SUITE).index(ligne.etat)


def _lignes(contexte: Contexte, session: Session, reglee: Etape, suivie: Demarche, jour: date) -> list[LigneDossier]:
    tous = attendus(contexte, session, reglee)
    pieces = pieces_lues(session, [a.dossier for a in tous if a.dossier])
    return [
        _ligne(contexte, reglee, suivie, a, pieces.get(a.dossier.id or 0, []) if a.dossier else [], jour) for a in tous
    ]


def _ligne(
    contexte: Contexte, reglee: Etape, suivie: Demarche, attendu: Attendu, pieces: list[Piece], jour: date
) -> LigneDossier:
    libelles = {p.code: p.libelle for p in suivie.pieces}
    limite = dates_de(contexte, reglee, attendu.prolongation).limite
    complet_le = attendu.dossier.complet_le if attendu.dossier else None
    le = complet_le.astimezone(PARIS).date() if complet_le else None
    etat = attendu.etat_du_dossier
    parti = attendu.parti_le is not None
    du = not parti and (etat is EtatDossier.EN_COURS or (etat is EtatDossier.ATTENDU and not suivie.facultative))
    dit = PAS_COMMENCE if suivie.facultative and etat is EtatDossier.ATTENDU else LIBELLES[etat]
    if attendu.parti_le is not None and etat in DOSSIERS_DUS:
        dit = f"{dit}, parti le {en_chiffres(attendu.parti_le)}"
    return LigneDossier(
        code=attendu.code,
        nom=attendu.nom,
        gestionnaire=attendu.partenaire.nom,
        territoire=attendu.structure.epci if attendu.structure else "",
        etat=etat,
        dit=dit,
        pieces=tuple(
            (libelles[p.code], p.recue_le.astimezone(PARIS).date())
            for p in pieces
            if p.etat is EtatPiece.RECUE and p.code in libelles
        ),
        refusees=tuple(libelles[p.code] for p in pieces if p.etat is EtatPiece.REFUSEE and p.code in libelles),
        manquantes=tuple(p.libelle for p in manquantes(suivie, pieces)) if du else (),
        limite=limite,
        prolonge=attendu.prolongation is not None,
        complet_le=le,
        en_retard=limite is not None and ((le is not None and le > limite) or (du and jour > limite)),
    )


def ecrire_etat(ou: EtatDesDossiers, chemin: Path) -> None:
    """Write the state of the dossiers as a workbook.

    Raises:
        ActeRefuse: when it cannot be written.
    """
    rangees = [
        (
            li.code, li.nom, li.gestionnaire, li.territoire, li.dit,
            ", ".join(f"{libelle} ({en_chiffres(le)})" for libelle, le in li.pieces), ", ".join(li.manquantes),
            li.limite, li.complet_le, "oui" if li.en_retard else "",
        )
        for li in ou.lignes
    ]  # fmt: skip
    try:
        chemin.write_bytes(ecrire(ou.libelle, rangees, ou.mention))
    except OSError as erreur:
        raise ActeRefuse(f"Le classeur « {chemin} » ne s'écrit pas ({dire_l_obstacle(erreur)}).") from None

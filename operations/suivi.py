"""Where a step stands: who answered, who must act, in words the team reads in the orchestrator's UI."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, func, select

from modeles.base import transaction
from modeles.tables import Courriel, Partenaire, Structure
from operations.attendus import DOSSIERS_DUS, Reponse, reponses, structures_de_l_etape
from operations.configuration import demarche, etape
from operations.contexte import Contexte
from operations.dossiers_etat import LigneDossier, lister_dossiers
from regles.calendrier import PARIS, Etape, nommer_etape
from regles.dates import en_chiffres
from regles.etats import EtatCourriel, EtatDossier


@dataclass(frozen=True, slots=True)
class Avancement:
    """Progress of a step on a day. `lignes`: one per structure expected, plain French values, worst first."""

    etape: str
    libelle: str
    attendues: int
    recues: int
    validees: int
    refusees: int
    manquantes: int
    en_retard: bool
    courriels_envoyes: int
    lignes: tuple[Mapping[str, str], ...]
    mention: str

    @property
    def phrase(self) -> str:
        """« Réels 2025 (EAJE, RPE…) : 24 reçus sur 29 »."""
        suite = f" ({self.mention})" if self.mention else ""
        return f"{self.libelle} : {self.recues} reçus sur {self.attendues}{suite}"


def avancement(contexte: Contexte, identifiant: str, jour: date | None = None) -> Avancement:
    """Count the answers to a step, structure by structure.

    Raises:
        ActeRefuse: unknown step.
    """
    suivie = etape(contexte, identifiant)
    ce_jour = contexte.maintenant(jour).date()
    if demarche(contexte, suivie).par_dossier:
        return _des_dossiers(contexte, suivie, ce_jour, jour)
    with transaction(contexte.moteur) as session:
        attendues = structures_de_l_etape(contexte, session, suivie)
        dites = reponses(session, suivie, [s for s, _ in attendues])
        envoyes = _envoyes(session, identifiant)
    lignes = [_ligne(s, p, dites.get(s.id or 0)) for s, p in attendues]
    siennes = [dites[s.id or 0] for s, _ in attendues if s.id in dites]
    recues = sum(r.recue for r in siennes)
    return Avancement(
        etape=identifiant,
        libelle=nommer_etape(suivie),
        attendues=len(attendues),
        recues=recues,
        validees=sum(r.validee for r in siennes),
        refusees=sum(r.est_a_corriger for r in siennes),
        manquantes=len(attendues) - recues,
        en_retard=_est_en_retard(suivie, ce_jour),
        courriels_envoyes=envoyes,
        lignes=tuple(sorted(lignes, key=lambda ligne: (ligne["rang"], ligne["Structure"]))),
        mention=contexte.reglages.mention,
    )


def _des_dossiers(contexte: Contexte, suivie: Etape, ce_jour: date, jour: date | None) -> Avancement:
    """Count the dossiers of a step; of a call for projects, those that somebody has begun."""
    ou = lister_dossiers(contexte, suivie.id, jour)
    comptees = [li for li in ou.lignes if not (ou.facultative and li.etat is EtatDossier.ATTENDU)]
    recues = ou.nombre(EtatDossier.COMPLET)
    with transaction(contexte.moteur) as session:
        envoyes = _envoyes(session, suivie.id)
    return Avancement(
        etape=suivie.id,
        libelle=nommer_etape(suivie),
        attendues=len(comptees),
        recues=recues,
        validees=recues,
        refusees=sum(bool(li.refusees) for li in comptees),
        manquantes=sum(li.etat in DOSSIERS_DUS for li in comptees),
        en_retard=_est_en_retard(suivie, ce_jour),
        courriels_envoyes=envoyes,
        lignes=tuple(_ligne_de_dossier(li) for li in comptees),
        mention=contexte.reglages.mention,
    )


def _ligne_de_dossier(ligne: LigneDossier) -> Mapping[str, str]:
    manque = f", manque : {', '.join(ligne.manquantes)}" if ligne.manquantes and ligne.pieces else ""
    recue_le = ligne.complet_le or max((le for _, le in ligne.pieces), default=None)
    return {
        "rang": {EtatDossier.ATTENDU: "0", EtatDossier.EN_COURS: "1"}.get(ligne.etat, "3"),
        "Structure": f"{ligne.code} {ligne.nom}",
        "Gestionnaire": ligne.gestionnaire,
        "Territoire": ligne.territoire,
        "État": f"{ligne.dit}{' en retard' if ligne.complet_le and ligne.en_retard else ''}{manque}",
        "Reçu le": en_chiffres(recue_le) if recue_le else "",
        "Alertes": "",
    }


def _envoyes(session: Session, identifiant: str) -> int:
    envoye = (Courriel.etape == identifiant, Courriel.etat == EtatCourriel.ENVOYE)
    return session.exec(select(func.count()).select_from(Courriel).where(*envoye)).one()


def _est_en_retard(suivie: Etape, ce_jour: date) -> bool:
    """Whether the limit is over, closed or not."""
    return suivie.limite is not None and ce_jour > suivie.limite


def _ligne(structure: Structure, partenaire: Partenaire, dite: Reponse | None) -> Mapping[str, str]:
    return {
        "rang": str(dite.rang if dite else 0),
        "Structure": f"{structure.code} {structure.nom}",
        "Gestionnaire": partenaire.nom,
        "Territoire": structure.epci,
        "État": dite.etat if dite else "rien reçu",
        "Reçu le": f"{dite.recue_le.astimezone(PARIS):%d/%m/%Y}" if dite else "",
        "Alertes": str(dite.alertes or "") if dite else "",
    }

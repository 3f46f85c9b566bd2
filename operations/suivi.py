"""Where a step stands: who answered, who must act, in words the team reads in the orchestrator's UI."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from modeles.base import transaction
from modeles.requetes import structures_attendues
from modeles.tables import Courriel, Declaration, Depot, Partenaire, Structure
from operations.configuration import etape, plan_relances
from operations.contexte import Contexte
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.etats import EtatCourriel, EtatDeclaration, EtatDepot

LIBELLES = {
    EtatDeclaration.RECUE: "reçue, à valider",
    EtatDeclaration.VALIDEE: "validée",
    EtatDeclaration.REJETEE: "rejetée par l'équipe",
}


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
        """« Réels 2025 EAJE : 24 reçus sur 29 »."""
        suite = f" ({self.mention})" if self.mention else ""
        return f"{self.libelle} : {self.recues} reçus sur {self.attendues}{suite}"


def avancement(contexte: Contexte, identifiant: str, jour: date | None = None) -> Avancement:
    """Count the answers to a step, structure by structure.

    Raises:
        ActeRefuse: unknown step.
    """
    suivie = etape(contexte, identifiant)
    ce_jour = contexte.maintenant(jour).date()
    with transaction(contexte.moteur) as session:
        attendues = structures_attendues(session, suivie.prestations)
        courantes = _declarations(session, identifiant)
        refus = _derniers_refus(session, [s.id or 0 for s, _ in attendues])
        envoyes = session.exec(
            select(func.count())
            .select_from(Courriel)
            .where(Courriel.etape == identifiant, Courriel.etat == EtatCourriel.ENVOYE)
        ).one()
    lignes = [_ligne(s, p, courantes.get(s.id or 0), refus.get(s.id or 0)) for s, p in attendues]
    recues = sum(d.etat is not EtatDeclaration.REJETEE for d in courantes.values())
    fin = fin_de_reception(suivie, plan_relances(contexte))
    return Avancement(
        etape=identifiant,
        libelle=_libelle(suivie, {s.prestation for s, _ in attendues}),
        attendues=len(attendues),
        recues=recues,
        validees=sum(d.etat is EtatDeclaration.VALIDEE for d in courantes.values()),
        refusees=sum(s.id in refus and s.id not in courantes for s, _ in attendues),
        manquantes=len(attendues) - recues,
        en_retard=suivie.limite is not None and ce_jour > suivie.limite and (fin is None or ce_jour <= fin),
        courriels_envoyes=envoyes,
        lignes=tuple(sorted(lignes, key=lambda ligne: (ligne["rang"], ligne["Structure"]))),
        mention=contexte.reglages.mention,
    )


def _libelle(suivie: Etape, prestations: set[str]) -> str:
    return " ".join([suivie.libelle, *sorted(prestations)])


def _declarations(session: Session, identifiant: str) -> dict[int, Declaration]:
    courantes = session.exec(
        select(Declaration).where(Declaration.etape == identifiant, Declaration.etat != EtatDeclaration.REMPLACEE)
    )
    return {d.structure_id: d for d in courantes}


def _derniers_refus(session: Session, structures: list[int]) -> dict[int, Depot]:
    refuses = session.exec(
        select(Depot)
        .where(Depot.etat == EtatDepot.REFUSE, col(Depot.structure_id).in_(structures))
        .order_by(col(Depot.id))
    )
    return {d.structure_id: d for d in refuses if d.structure_id is not None}


def _ligne(
    structure: Structure, partenaire: Partenaire, declaration: Declaration | None, refus: Depot | None
) -> Mapping[str, str]:
    if declaration is not None:
        rang = {EtatDeclaration.REJETEE: "1", EtatDeclaration.RECUE: "2"}.get(declaration.etat, "3")
        etat, le, alertes = LIBELLES[declaration.etat], declaration.recue_le, str(declaration.alertes or "")
    elif refus is not None:
        rang, etat, le, alertes = "1", "à corriger par le partenaire", refus.recu_le, ""
    else:
        rang, etat, le, alertes = "0", "rien reçu", None, ""
    return {
        "rang": rang,
        "Structure": f"{structure.code} {structure.nom}",
        "Gestionnaire": partenaire.nom,
        "Territoire": structure.epci,
        "État": etat,
        "Reçu le": f"{le.astimezone(PARIS):%d/%m/%Y}" if le else "",
        "Alertes": alertes,
    }

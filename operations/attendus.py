"""Who answers a step, and who still owes an answer: a workbook, a file of the children for Filoué, or a dossier."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.requetes import structures_attendues, structures_redevables
from modeles.requetes_dossiers import (
    adhesions_au_dispositif,
    dossiers_de_l_etape,
    membres,
    partenaires,
    prolongations_de_l_etape,
)
from modeles.requetes_filoue import fichiers_de_l_etape, structures_sans_filoue
from modeles.tables import ActionJouee, Declaration, Depot, Dossier, Partenaire, Prolongation, Structure
from operations.configuration import calendriers, demarche, plan_relances, prestations_collectees
from operations.contexte import Contexte
from regles.calendrier import (
    PARIS,
    DelaiDonne,
    Etape,
    NatureEtape,
    Verbe,
    fin_de_reception,
    ouverture_prevue,
    prolonger,
)
from regles.conventions import Periode, periode_financee
from regles.demarches import Demarche
from regles.etats import EtatAction, EtatDeclaration, EtatDepot, EtatDossier
from regles.presences import est_du_public, parti_le, periode_visee

LIBELLES = {
    EtatDeclaration.RECUE: "reçue, à valider",
    EtatDeclaration.VALIDEE: "validée",
    EtatDeclaration.REJETEE: "rejetée par l'équipe",
}
DOSSIERS_DUS = frozenset({EtatDossier.ATTENDU, EtatDossier.EN_COURS})
UN_AN = timedelta(days=365)
A_CORRIGER = "à corriger par le partenaire"
A_REPRENDRE = "arrivé après la clôture, à reprendre par une personne"
HORS_DELAI = "Arrivé après la clôture de la campagne."


@dataclass(frozen=True, slots=True)
class Attendu:
    """Who a step expects an answer from: a structure, or a partner as a whole.

    `dossier`: what they have sent, for a step that takes one and has opened. `prolongation`: the one that applies.
    `parti_le`: their last day, for who has left meanwhile: nothing is owed any more, the team decides.
    """

    partenaire: Partenaire
    structure: Structure | None = None
    dossier: Dossier | None = None
    prolongation: Prolongation | None = None
    parti_le: date | None = None

    @property
    def code(self) -> str:
        """The structure's code, or its partner's when the partner answers as a whole."""
        return self.structure.code if self.structure else self.partenaire.code

    @property
    def nom(self) -> str:
        """The name that goes with the code."""
        return self.structure.nom if self.structure else self.partenaire.nom

    @property
    def etat_du_dossier(self) -> EtatDossier:
        """The state of the dossier, expected until the step opens."""
        return self.dossier.etat if self.dossier else EtatDossier.ATTENDU

    @property
    def numero_de_prolongation(self) -> int:
        """The number of the extension that applies, 0 for none."""
        return (self.prolongation.id or 0) if self.prolongation else 0

    @property
    def clef(self) -> tuple[int, int | None]:
        """Ids of the partner and of the structure, if any: what a dossier is unique by in a step."""
        return self.partenaire.id or 0, self.structure.id if self.structure else None


@dataclass(frozen=True, slots=True)
class Reponse:
    """What a structure has answered to a step, in words.

    `rang` orders the rows of the team: 1 calls for an act, 2 waits for the team, 3 is done. An accepted Filoué file
    needs no validation: it counts as `validee`.
    """

    rang: int
    etat: str
    recue_le: datetime
    alertes: int = 0
    recue: bool = False
    validee: bool = False

    @property
    def est_a_corriger(self) -> bool:
        """Whether the partner's last file was refused."""
        return self.etat == A_CORRIGER


def prestations_attendues(contexte: Contexte, reglee: Etape) -> tuple[str, ...]:
    """Give the prestations whose answers to a step arrive here, whatever its nature."""
    if reglee.nature is NatureEtape.FILOUE:
        return reglee.prestations
    return prestations_collectees(contexte, reglee)


def structures_de_l_etape(
    contexte: Contexte, session: Session, reglee: Etape
) -> Sequence[tuple[Structure, Partenaire]]:
    """Give the structures that a step expects an answer from, by code: those active in its exercice.

    One that has answered a declaration step is among them whatever its dates: a person decides of what it sent.
    """
    attendues = structures_attendues(session, prestations_attendues(contexte, reglee))
    venues = set(
        session.exec(
            select(Declaration.structure_id).where(
                Declaration.etape == reglee.id, Declaration.etat != EtatDeclaration.REMPLACEE
            )
        )
    )
    return [(s, p) for s, p in attendues if s.id in venues or est_active(s, reglee)]


def attendus(contexte: Contexte, session: Session, reglee: Etape) -> list[Attendu]:
    """Give who a step expects an answer from, by code, whatever its nature."""
    if demarche(contexte, reglee).par_dossier:
        return _attendus_par_dossier(contexte, session, reglee)
    structures = structures_de_l_etape(contexte, session, reglee)
    return _avec_prolongations(session, reglee, [Attendu(p, s) for s, p in structures])


def redevables(contexte: Contexte, session: Session, reglee: Etape, *, a_l_ouverture: bool = False) -> list[Attendu]:
    """Give who still owes an answer to a step, by code.

    Nobody owes an answer to a call for projects before having begun one: `a_l_ouverture` gives who may answer it.
    """
    suivie = demarche(contexte, reglee)
    if suivie.par_dossier:
        dus = {EtatDossier.EN_COURS} if suivie.facultative and not a_l_ouverture else DOSSIERS_DUS
        tous = _attendus_par_dossier(contexte, session, reglee)
        return [a for a in tous if a.etat_du_dossier in dus and a.parti_le is None]
    prestations = prestations_attendues(contexte, reglee)
    if reglee.nature is NatureEtape.FILOUE:
        structures = structures_sans_filoue(session, prestations, reglee.exercice or 0)
    else:
        structures = structures_redevables(session, reglee.id, prestations)
    return _avec_prolongations(session, reglee, [Attendu(p, s) for s, p in structures if est_active(s, reglee)])


def structures_de(attendus: Iterable[Attendu], codes: Collection[str]) -> list[Structure]:
    """Give the structures of those that a list of codes names."""
    return [a.structure for a in attendus if a.structure is not None and a.code in codes]


def concernes(
    contexte: Contexte, session: Session, reglee: Etape, prolongation: int = 0, *, a_l_ouverture: bool = False
) -> list[Attendu]:
    """Give who still owes on a thread: those of one extension, or (0) those to whom the published dates apply."""
    return [
        a
        for a in redevables(contexte, session, reglee, a_l_ouverture=a_l_ouverture)
        if a.numero_de_prolongation == prolongation
    ]


def dates_de(contexte: Contexte, reglee: Etape, prolongation: Prolongation | None) -> Etape:
    """Give a step with the dates that apply: as published, or moved by an extension."""
    if prolongation is None:
        return reglee
    return prolonger(reglee, plan_relances(contexte, reglee), delai_donne(prolongation))


def dates_pour(contexte: Contexte, session: Session, reglee: Etape, structure: Structure) -> Etape:
    """Give a step with the dates that apply to a structure, its extension counted."""
    seul = Attendu(session.get_one(Partenaire, structure.partenaire_id), structure)
    (attendu,) = _avec_prolongations(session, reglee, [seul])
    return dates_de(contexte, reglee, attendu.prolongation)


def fin_pour(contexte: Contexte, session: Session, reglee: Etape, structure: Structure) -> date | None:
    """Give the last day on which a structure's answer is taken by a step, its extension counted."""
    return fin_de_reception(dates_pour(contexte, session, reglee, structure), plan_relances(contexte, reglee))


def delai_donne(prolongation: Prolongation) -> DelaiDonne:
    """Give an extension as the calendar's rules take it."""
    return DelaiDonne(prolongation.id or 0, prolongation.le.astimezone(PARIS).date(), prolongation.limite)


def _attendus_par_dossier(contexte: Contexte, session: Session, reglee: Etape) -> list[Attendu]:
    """Give who has a dossier, and who of the audience has none yet."""
    ouverts = [Attendu(p, s, d) for d, p, s in dossiers_de_l_etape(session, reglee.id)]
    connus = {a.clef for a in ouverts}
    autres = [a for a in audience(contexte, session, reglee) if a.clef not in connus]
    tous = _avec_prolongations(session, reglee, sorted(ouverts + autres, key=lambda a: a.code))
    return _avec_departs(contexte, session, reglee, tous)


def audience(contexte: Contexte, session: Session, reglee: Etape) -> list[Attendu]:
    """Give whom a dossier step is for: open structures, members of a local scheme, or every partner, by code.

    A step about an exercice is for who was there on any day of that year; another one, between its opening and limit.
    """
    suivie = demarche(contexte, reglee)
    if suivie.audience is None:
        return []
    if suivie.audience.par_structure:
        attendues = structures_attendues(session, suivie.audience.prestations)
        return [Attendu(p, s) for s, p in attendues if est_du_public(s.prestation, activite(s), reglee, suivie.plan)]
    if suivie.audience.dispositif:
        visee = periode_visee(reglee, suivie.plan)
        return [Attendu(p) for p in membres(session, suivie.audience.dispositif, visee.du, visee.au)]
    return [Attendu(p) for p in partenaires(session)]


def _avec_departs(contexte: Contexte, session: Session, reglee: Etape, attendus: list[Attendu]) -> list[Attendu]:
    """Say of each who left while the step runs: a member of its scheme, a structure that closes."""
    suivie = demarche(contexte, reglee)
    dispositif = suivie.audience.dispositif if suivie.audience else ""
    adhesions: dict[int, list[Periode]] = {}
    for adhesion in adhesions_au_dispositif(session, dispositif) if dispositif else ():
        sienne = Periode(adhesion.du, adhesion.au or date.max)
        adhesions.setdefault(adhesion.partenaire_id, []).append(sienne)

    def depart(attendu: Attendu) -> date | None:
        structure = attendu.structure
        presences = [activite(structure)] if structure else adhesions.get(attendu.clef[0], [])
        return parti_le(presences, _reception(contexte, suivie, reglee, attendu), _visee(suivie, reglee))

    return [replace(a, parti_le=depart(a)) for a in attendus]


def _reception(contexte: Contexte, suivie: Demarche, reglee: Etape, attendu: Attendu) -> Periode:
    """Give the days on which somebody may answer: from the birth of their dossier to the end of their reception."""
    fin = fin_de_reception(dates_de(contexte, reglee, attendu.prolongation), suivie.plan) or date.max
    if attendu.dossier is not None:
        return Periode(attendu.dossier.cree_le.astimezone(PARIS).date(), fin)
    return Periode(ouverture_prevue(reglee, suivie.plan) or fin, fin)


def _visee(suivie: Demarche, reglee: Etape) -> Periode | None:
    return None if suivie.facultative else periode_visee(reglee, suivie.plan)


def activite(structure: Structure) -> Periode:
    """Give the days from a structure's opening to its closing."""
    return Periode(structure.ouverte_le or date.min, structure.fermee_le or date.max)


def _avec_prolongations(session: Session, reglee: Etape, attendus: list[Attendu]) -> list[Attendu]:
    """Say of each the extension that goes furthest, of those given to it or to its partner as a whole."""
    donnees = prolongations_de_l_etape(session, reglee.id)
    if not donnees:
        return attendus
    dernieres = {(p.partenaire_id, p.structure_id): p for p in donnees}

    def la_plus_longue(attendu: Attendu) -> Prolongation | None:
        siennes = [dernieres[c] for c in dict.fromkeys([attendu.clef, (attendu.clef[0], None)]) if c in dernieres]
        return max(siennes, key=lambda p: p.limite, default=None)  # alike, the structure's own

    return [replace(a, prolongation=la_plus_longue(a)) for a in attendus]


def est_active(structure: Structure, reglee: Etape) -> bool:
    """Whether a structure has a day to answer for in the exercice of a step; always, for a step without one."""
    if reglee.exercice is None:
        return True
    return not periode_financee(
        structure.prestation, reglee.exercice, structure.ouverte_le, structure.fermee_le
    ).est_vide


def reponses(session: Session, reglee: Etape, structures: Sequence[Structure]) -> dict[int, Reponse]:
    """Give the last word of each structure (by id) on a step; nothing for one that never answered."""
    if reglee.nature is NatureEtape.FILOUE:
        return _fichiers(session, reglee)
    return _refus(session, reglee, structures) | _declarations(session, reglee)


def _declarations(session: Session, reglee: Etape) -> dict[int, Reponse]:
    courantes = session.exec(
        select(Declaration).where(Declaration.etape == reglee.id, Declaration.etat != EtatDeclaration.REMPLACEE)
    )
    return {
        d.structure_id: Reponse(
            rang={EtatDeclaration.REJETEE: 1, EtatDeclaration.RECUE: 2}.get(d.etat, 3),
            etat=LIBELLES[d.etat],
            recue_le=d.recue_le,
            alertes=d.alertes,
            recue=d.etat is not EtatDeclaration.REJETEE,
            validee=d.etat is EtatDeclaration.VALIDEE,
        )
        for d in courantes
    }


def _refus(session: Session, reglee: Etape, structures: Sequence[Structure]) -> dict[int, Reponse]:
    """Give the files refused since the opening: a refusal of a former campaign says nothing of this one."""
    refuses = session.exec(
        select(Depot)
        .where(Depot.etat == EtatDepot.REFUSE, col(Depot.structure_id).in_([s.id for s in structures]))
        .order_by(col(Depot.id))
    )
    return {
        d.structure_id: Reponse(1, _suite(d.motif), d.recu_le)
        for d in refuses
        if d.structure_id is not None and d.recu_le.astimezone(PARIS).date() >= (reglee.ouverture or date.min)
    }


def _suite(motif: str) -> str:
    """Say who must act on a refused file: nothing is to be corrected in one that came too late."""
    return A_REPRENDRE if motif == HORS_DELAI else A_CORRIGER


def _fichiers(session: Session, reglee: Etape) -> dict[int, Reponse]:
    dites: dict[int, Reponse] = {}
    for fichier in fichiers_de_l_etape(session, reglee.id):
        if fichier.structure_id is None or fichier.etat is EtatDepot.REMPLACE:
            continue
        if fichier.etat is EtatDepot.ACCEPTE:
            mots = f"reçu, {fichier.lignes} ligne(s)"
            dites[fichier.structure_id] = Reponse(3, mots, fichier.recu_le, fichier.alertes, recue=True, validee=True)
        elif not (fichier.structure_id in dites and dites[fichier.structure_id].recue):
            mots = _suite(fichier.motif) if fichier.etat is EtatDepot.REFUSE else "arrivé, à lire"
            dites[fichier.structure_id] = Reponse(1, mots, fichier.recu_le)
    return dites


def s_ouvre_a_la_main(contexte: Contexte, reglee: Etape) -> bool:
    """Whether a person chooses the day a step opens: a Filoué campaign whose source gives none."""
    ouverture = ouverture_prevue(reglee, plan_relances(contexte, reglee))
    return reglee.nature is NatureEtape.FILOUE and ouverture is None


def jour_d_ouverture(contexte: Contexte, session: Session, reglee: Etape) -> date | None:
    """Give the day a step opens: the calendar's, or the day a person opened it; None when nobody has yet."""
    if not s_ouvre_a_la_main(contexte, reglee):
        return ouverture_prevue(reglee, plan_relances(contexte, reglee))
    jouee = session.exec(
        select(ActionJouee).where(
            ActionJouee.etape == reglee.id,
            ActionJouee.verbe == Verbe.OUVRIR,
            ActionJouee.etat == EtatAction.FAITE,
        )
    ).first()
    return jouee.le.astimezone(PARIS).date() if jouee else None


def etapes_ouvertes(contexte: Contexte, ce_jour: date) -> list[Etape]:
    """Give the steps followed here that opened within the last year, oldest calendar first."""
    suivies = [e for c in calendriers(contexte) for e in c.etapes if est_suivie(contexte, e)]
    with transaction(contexte.moteur) as session:
        ouvertures = [(etape, jour_d_ouverture(contexte, session, etape)) for etape in suivies]
    return [e for e, ouverte_le in ouvertures if ouverte_le is not None and ouverte_le <= ce_jour < ouverte_le + UN_AN]


def est_suivie(contexte: Contexte, reglee: Etape) -> bool:
    """Whether a step asks the partners for an answer: a declaration, a Filoué file, or a dossier."""
    par_dossier = demarche(contexte, reglee).par_dossier
    return reglee.nature.est_declaration or reglee.nature is NatureEtape.FILOUE or par_dossier

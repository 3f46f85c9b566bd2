"""After the last reminder a person phones: a task for each partner that still owes, closed once it has answered."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.tables import Partenaire, Structure, Tache
from modeles.tables.dossiers import GenreTache
from operations.attendus import Attendu, redevables
from operations.configuration import calendriers, plan_relances
from operations.contexte import Contexte
from operations.taches import AUTOMATE, ouvrir_tache, terminer
from regles.calendrier import Etape, nommer_etape
from regles.dates import en_toutes_lettres, jours_ouvres_apres
from regles.etats import EtatTache
from schemas.configuration.demarches import feries

APRES_LA_RELANCE = "après la dernière relance"
A_LA_CLOTURE = "à la clôture"
SANS_COURRIEL = "à la clôture, et aucun courriel n’était parti"
REPONSE_VENUE = "La réponse est venue, ou n’est plus attendue."


def demander_appels(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    fil: str,
    attendus: Iterable[Attendu],
    instant: datetime,
    quand: str = APRES_LA_RELANCE,
) -> int:
    """Ask the development officers to phone, in the transaction of the last reminder; give how many tasks were opened.

    `fil`: the step, or one extension of it: each deadline asks once. `quand`: what the partner has been told, in words.
    """
    par_partenaire: dict[str, tuple[Partenaire, list[Structure]]] = {}
    for attendu in attendus:
        siennes = par_partenaire.setdefault(attendu.partenaire.code, (attendu.partenaire, []))[1]
        if attendu.structure is not None:
            siennes.append(attendu.structure)
    echeance = jours_ouvres_apres(instant.date(), plan_relances(contexte, reglee).delai_appel, feries())
    ouvertes = 0
    for code, (partenaire, structures) in par_partenaire.items():
        pour = f" pour {', '.join(s.code for s in structures)}" if structures else ""
        tache = ouvrir_tache(
            contexte,
            session,
            cle=f"appeler:{fil}:{code}",
            genre=GenreTache.APPELER,
            partenaire=partenaire,
            structures=structures,
            detail=f"{nommer_etape(reglee)} : toujours rien de complet{pour}, {quand}.",
            echeance=echeance,
            instant=instant,
            etape=reglee.id,
        )
        ouvertes += tache is not None
    return ouvertes


def clore_les_appels_inutiles(contexte: Contexte, jour: date | None = None) -> int:
    """Close the calls whose partner has answered, or was given more time; give how many."""
    instant = contexte.maintenant(jour)
    closes = 0
    with transaction(contexte.moteur) as session:
        ouvertes = session.exec(
            select(Tache, Partenaire).where(
                Tache.partenaire_id == Partenaire.id,
                Tache.genre == GenreTache.APPELER,
                Tache.etat == EtatTache.OUVERTE,
            )
        ).all()
        etapes = {e.id: e for c in calendriers(contexte) for e in c.etapes}
        suivies = etapes.keys() & {t.etape for t, _ in ouvertes}
        dus = {i: redevables(contexte, session, etapes[i]) for i in suivies}
        for tache, partenaire in ouvertes:
            if tache.etape not in dus:  # a step that no calendar holds any more: a person closes its call
                continue
            suite = _suite(tache, [a for a in dus[tache.etape] if a.partenaire.id == partenaire.id])
            if suite:
                terminer(session, tache, EtatTache.SANS_OBJET, suite, AUTOMATE, instant)
                closes += 1
    return closes


def _suite(tache: Tache, dus: list[Attendu]) -> str:
    """Say why a call is of no use any more; "" when it still is."""
    restent = [a for a in dus if not tache.structures or a.code in tache.structures]
    if not restent:
        return REPONSE_VENUE
    donnees = [a.prolongation for a in restent if a.prolongation is not None and a.prolongation.le > tache.creee_le]
    if len(donnees) == len(restent):
        limite = max(p.limite for p in donnees)
        return f"Un délai a été donné, jusqu’au {en_toutes_lettres(limite)}."
    return ""

"""What is still open in a step: closed or not, nobody is left in limbo, a person decides each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.requetes_dossiers import pieces_a_decider
from modeles.tables import Partenaire, Tache
from operations.attendus import DOSSIERS_DUS, Attendu, attendus, delai_donne, redevables, reponses
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import Contexte
from operations.pieces import manquantes, pieces_lues
from regles.calendrier import Etape, Verbe, actions_de_prolongation
from regles.dates import en_chiffres
from regles.etats import EtatTache

SANS_REPONSE = "sans réponse"
INCOMPLET = "dossier incomplet"
A_VALIDER = "à valider par l’équipe"
DELAI = "délai en cours"
PIECE_ARRIVEE = "pièce arrivée après"
PARTI = "n’est plus attendu"
APPEL = "appel à passer"
REPONDRE = "appeler, ou donner un délai : campagnes prolonger {etape} {code} --jusqu-au JJ/MM/AAAA --motif … --par …"
DISPENSER = "le compléter, donner un délai (campagnes prolonger), ou : campagnes dossiers clore {etape} {code} …"
ROUVRIR = (
    "la prendre en compte : campagnes dossiers rouvrir {etape} {code} … ; ou en rester là : campagnes dossiers clore "
    "{etape} {code} …"
)
LAISSER = "aucune relance ne part : en rester là, ou le noter : campagnes dossiers clore {etape} {code} --dispense …"
VALIDER = "valider, ou renvoyer : campagnes rejeter {code} {etape} --motif … --par …"
ATTENDRE = "attendre : ses relances suivent sa propre date"
CLORE_APPEL = "campagnes taches clore {cle} --suite … --par …"


@dataclass(frozen=True, slots=True)
class Ouvert:
    """One thing still open: of whom (code and name), what it is, what is known of it, how a person decides it."""

    code: str
    nom: str
    genre: str
    detail: str
    decision: str


@dataclass(frozen=True, slots=True)
class Suites:
    """All that is open in a step."""

    etape: str
    libelle: str
    lignes: tuple[Ouvert, ...]

    def codes(self, *genres: str) -> tuple[str, ...]:
        """Give whom some kinds of open things are about."""
        return tuple(o.code for o in self.lignes if o.genre in genres)

    @property
    def phrase(self) -> str:
        """« À décider : dossier incomplet (P1) ; délai en cours (P2, jusqu’au 20/03/2026). », or nothing."""
        par_genre: dict[str, list[str]] = {}
        for ouvert in self.lignes:
            if ouvert.genre != SANS_REPONSE:
                dit = f"{ouvert.code}, {ouvert.detail}" if ouvert.genre == DELAI else ouvert.code
                par_genre.setdefault(ouvert.genre, []).append(dit)
        dites = " ; ".join(f"{genre} ({', '.join(codes)})" for genre, codes in par_genre.items())
        return f"À décider : {dites}." if dites else ""


def lister_suites(contexte: Contexte, identifiant: str, jour: date | None = None) -> Suites:
    """Give what is still open in a step, and how each is decided.

    Raises:
        ActeRefuse: unknown step.
    """
    reglee = etape(contexte, identifiant)
    ce_jour = contexte.maintenant(jour).date()
    with transaction(contexte.moteur) as session:
        return suites(contexte, session, reglee, ce_jour)


def suites(contexte: Contexte, session: Session, reglee: Etape, jour: date) -> Suites:
    """Give the same, in the caller's transaction."""
    dus = redevables(contexte, session, reglee)
    delais = {a.code: a.prolongation.limite for a in dus if a.prolongation and _attend(contexte, reglee, a, jour)}
    lignes = (
        _en_delai(ligne, delais[ligne.code]) if ligne.code in delais else ligne
        for ligne in _reponses(contexte, session, reglee, dus)
    )
    return Suites(reglee.id, reglee.libelle, (*lignes, *_appels(session, reglee)))


def _en_delai(ligne: Ouvert, limite: date) -> Ouvert:
    """Say of somebody who still owes that they have more time, and what is known of their answer."""
    connu = "" if ligne.genre == SANS_REPONSE else f" ; {ligne.genre}"
    return replace(ligne, genre=DELAI, detail=f"jusqu’au {en_chiffres(limite)}{connu}", decision=ATTENDRE)


def _reponses(contexte: Contexte, session: Session, reglee: Etape, dus: Sequence[Attendu]) -> list[Ouvert]:
    if demarche(contexte, reglee).par_dossier:
        return _dossiers(contexte, session, reglee, dus)
    tous = attendus(contexte, session, reglee)
    dites = reponses(session, reglee, [a.structure for a in tous if a.structure])
    doivent = {a.code for a in dus}
    lignes = []
    for attendu in tous:
        dite = dites.get(attendu.clef[1] or 0)
        if attendu.code in doivent:
            genre = dite.etat if dite is not None else SANS_REPONSE
            lignes.append(_ouvert(reglee, attendu, genre, "", REPONDRE))
        elif dite is not None and dite.recue and not dite.validee:
            lignes.append(_ouvert(reglee, attendu, A_VALIDER, dite.etat, VALIDER))
    return lignes


def _dossiers(contexte: Contexte, session: Session, reglee: Etape, dus: Sequence[Attendu]) -> list[Ouvert]:
    recues = pieces_lues(session, [a.dossier for a in dus if a.dossier])
    lignes = []
    for attendu in dus:
        siennes = recues.get(attendu.dossier.id or 0, []) if attendu.dossier else []
        manque = ", ".join(p.libelle for p in manquantes(demarche(contexte, reglee), siennes))
        genre = INCOMPLET if siennes else SANS_REPONSE
        lignes.append(_ouvert(reglee, attendu, genre, f"manque : {manque}", DISPENSER))
    tous = [a for a in attendus(contexte, session, reglee) if a.dossier is not None]
    return [*lignes, *_arrivees_apres(contexte, session, reglee, tous), *_partis(reglee, tous)]


def _arrivees_apres(contexte: Contexte, session: Session, reglee: Etape, tous: Sequence[Attendu]) -> Iterator[Ouvert]:
    """Give the dossiers left without a sequel that a document has come for since."""
    libelles = {p.code: p.libelle for p in demarche(contexte, reglee).pieces}
    arrivees = pieces_a_decider(session, [a.dossier for a in tous if a.dossier])
    for attendu in tous:
        if pieces := arrivees.get((attendu.dossier and attendu.dossier.id) or 0):
            venues = ", ".join(libelles.get(p.code, p.code) for p in pieces)
            yield _ouvert(reglee, attendu, PIECE_ARRIVEE, f"dossier sans suite : {venues}", ROUVRIR)


def _partis(reglee: Etape, tous: Sequence[Attendu]) -> Iterator[Ouvert]:
    """Give who left while the step runs, and would still owe."""
    for attendu in tous:
        if attendu.parti_le is not None and attendu.etat_du_dossier in DOSSIERS_DUS:
            yield _ouvert(reglee, attendu, PARTI, f"parti le {en_chiffres(attendu.parti_le)}", LAISSER)


def _attend(contexte: Contexte, reglee: Etape, attendu: Attendu, jour: date) -> bool:
    """Whether somebody has more time that still runs: its limit, or one of its own reminders, is to come."""
    if attendu.prolongation is None:
        return False
    actions = actions_de_prolongation(reglee, plan_relances(contexte, reglee), delai_donne(attendu.prolongation))
    relances = (a.le.date() for a in actions if a.verbe is Verbe.RELANCER)
    return jour <= max(relances, default=attendu.prolongation.limite) or jour <= attendu.prolongation.limite


def _appels(session: Session, reglee: Etape) -> list[Ouvert]:
    ouvertes = session.exec(
        select(Tache, Partenaire).where(
            Tache.partenaire_id == Partenaire.id, Tache.etape == reglee.id, Tache.etat == EtatTache.OUVERTE
        )
    )
    return [
        Ouvert(p.code, p.nom, APPEL, f"avant le {en_chiffres(t.echeance)}", CLORE_APPEL.format(cle=t.cle))
        for t, p in ouvertes
    ]


def _ouvert(reglee: Etape, attendu: Attendu, genre: str, detail: str, decision: str) -> Ouvert:
    return Ouvert(attendu.code, attendu.nom, genre, detail, decision.format(etape=reglee.id, code=attendu.code))

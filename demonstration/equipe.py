"""The team's sittings: validate, compute, propose a batch, sign it twice. Three people, and one who tries to be two."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from demonstration.actes import CAMPAGNE
from demonstration.agenda import PREVISIONNELS, REELS
from demonstration.pas import Pas, Scene
from operations.contexte import Contexte
from operations.coordonnees import EtatCompte, confirmer, lister
from operations.lots import ResumeLot, lots
from regles.etats import EtatLot

ACOMPTE = "acompte-1-2026"
VALIDE_PAR, PROPOSE_PAR, ORDONNE_PAR, LIBERE_PAR = "c.martin", "s.dubois", "m.lefevre", "a.leroy"
CUMULARD = "j.moreau"  # may also sign: only the database stands between this person and their own batch
MOTIF = "Écarts expliqués par les partenaires au téléphone."
PUBLICATION = "Montants 2026 publiés en février, en vigueur au 1er janvier."
CONTRE_APPEL = "Élodie Mougin, rappelée au numéro du standard ; IBAN relu en entier."
COMPTE_CONFIRME_LE = date(2026, 1, 12)


@dataclass(frozen=True, slots=True)
class Seance:
    """A sitting on some campaigns, ending on the `rang`-th batch of a step.

    `en_deux_temps`: the campaign where what has alerts is validated apart. `propose_par` tries to sign their own batch
    when `tente`. `rappele`: the exercice whose paid rights are first computed again.
    """

    nom: str
    jour: date
    campagnes: tuple[str, ...]
    payee: str
    rang: int = 1
    en_deux_temps: str = ""
    propose_par: str = PROPOSE_PAR
    tente: bool = False
    rappele: int | None = None


ACOMPTES = Seance(
    "acompte",
    date(2026, 1, 5),
    PREVISIONNELS,
    ACOMPTE,
    en_deux_temps=PREVISIONNELS[1],
    propose_par=CUMULARD,
    tente=True,
)
SEANCES = (
    ACOMPTES,
    Seance("acompte-tardif", date(2026, 1, 19), PREVISIONNELS, ACOMPTE, rang=2),
    Seance("reels-a", date(2026, 3, 11), (CAMPAGNE,), CAMPAGNE, en_deux_temps=CAMPAGNE),
    Seance("reels-b", date(2026, 3, 18), REELS[1:], REELS[1]),
    Seance("rappels", date(2026, 3, 25), (), ACOMPTE, rang=3, rappele=2026),
)


def pas_de_l_equipe() -> list[Pas]:
    """Give the acts of every sitting, and the bank account confirmed between two of them."""
    compte = Pas("compte", COMPTE_CONFIRME_LE, f"{LIBERE_PAR} confirme un compte bancaire", _confirmer_le_compte)
    return [compte, *(pas for seance in SEANCES for pas in _pas(seance))]


def _pas(seance: Seance) -> Iterator[Pas]:
    jour, lendemain = seance.jour, seance.jour + timedelta(days=1)
    for campagne in seance.campagnes:
        yield from _validations(seance, campagne)
    for campagne in seance.campagnes:
        yield Pas(f"{seance.nom}-droits-{campagne}", jour, f"droits ({campagne})", partial(_calculer, campagne, jour))
    if seance.rappele is not None:
        rappel = partial(_rappeler, seance.rappele, jour)
        yield Pas(f"{seance.nom}-confirmation", jour, f"{VALIDE_PAR} confirme les rappels {seance.rappele}", rappel)
    qui = seance.propose_par
    yield Pas(f"{seance.nom}-proposition", jour, f"{qui} propose un lot", partial(_proposer, seance))
    if seance.tente:
        tentative = partial(_tenter, seance, lendemain)
        yield Pas(f"{seance.nom}-tentative", lendemain, f"{qui} veut ordonnancer son propre lot", tentative)
    ordonnancement = partial(_ordonner, seance, lendemain)
    yield Pas(f"{seance.nom}-ordonnancement", lendemain, f"{ORDONNE_PAR} ordonnance le lot", ordonnancement)
    liberation = partial(_liberer, seance, lendemain)
    yield Pas(f"{seance.nom}-liberation", lendemain, f"{LIBERE_PAR} vise le lot", liberation)


def _validations(seance: Seance, campagne: str) -> Iterator[Pas]:
    """Validate what has no alert, then the rest with a reason; at once when the sitting is short."""
    nom, jour = f"{seance.nom}-validation-{campagne}", seance.jour
    valider = partial(_valider, campagne, jour)
    if campagne != seance.en_deux_temps:
        yield Pas(nom, jour, f"{VALIDE_PAR} valide ({campagne})", partial(valider, MOTIF))
        return
    quoi = f"{VALIDE_PAR} valide ce qui est sans alerte ({campagne})"
    yield Pas(f"{nom}-sans-alerte", jour, quoi, partial(valider, ""))
    yield Pas(nom, jour, f"{VALIDE_PAR} valide le reste ({campagne})", partial(valider, MOTIF))


def _valider(campagne: str, jour: date, motif: str, scene: Scene) -> str:
    return scene.operateur.valider(campagne, VALIDE_PAR, motif, jour)


def _calculer(campagne: str, jour: date, scene: Scene) -> str:
    return scene.operateur.calculer(campagne, jour)


def _rappeler(exercice: int, jour: date, scene: Scene) -> str:
    return scene.operateur.rappeler(exercice, VALIDE_PAR, PUBLICATION, jour)


def _proposer(seance: Seance, scene: Scene) -> str:
    if lot_de(scene.contexte, seance) is not None:
        return "déjà proposé."
    return scene.operateur.proposer(seance.payee, seance.propose_par, seance.jour)


def _tenter(seance: Seance, jour: date, scene: Scene) -> str:
    lot = lot_de(scene.contexte, seance)
    if lot is None or lot.etat is not EtatLot.PROPOSE:
        return "le lot est déjà signé."
    if lot.tentatives_refusees:
        return lot.tentatives_refusees[-1]
    return scene.operateur.ordonner(lot.lot, seance.propose_par, jour)


def _ordonner(seance: Seance, jour: date, scene: Scene) -> str:
    lot = lot_de(scene.contexte, seance)
    if lot is None or lot.etat is not EtatLot.PROPOSE:
        return "rien à ordonnancer."
    return scene.operateur.ordonner(lot.lot, ORDONNE_PAR, jour)


def _liberer(seance: Seance, jour: date, scene: Scene) -> str:
    lot = lot_de(scene.contexte, seance)
    return "rien à viser." if lot is None else scene.operateur.liberer(lot.lot, LIBERE_PAR, jour)


def _confirmer_le_compte(scene: Scene) -> str:
    """Confirm what waits, after a call; nothing the second time."""
    comptes = lister(scene.contexte, jour=COMPTE_CONFIRME_LE)
    attente = [compte for compte in comptes if compte.etat is EtatCompte.A_CONFIRMER]
    for compte in attente:
        confirmer(scene.contexte, compte.id, LIBERE_PAR, CONTRE_APPEL, COMPTE_CONFIRME_LE)
    return ", ".join(f"{compte.nom} ({compte.iban})" for compte in attente) or "déjà confirmé."


def lot_de(contexte: Contexte, seance: Seance) -> ResumeLot | None:
    """Give the batch that a sitting ends on, None when it is not proposed yet."""
    proposes = lots(contexte, seance.payee)
    return proposes[seance.rang - 1] if len(proposes) >= seance.rang else None

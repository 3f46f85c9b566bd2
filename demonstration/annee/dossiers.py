"""What invented partners send besides workbooks, and the requests they make: a document, a day, written by the team.

A document reaches a person by mail or on paper: the system knows of it once that person has recorded it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlmodel import select

from demonstration.annee.conduites import tirer
from demonstration.annee.dispositifs import membres, partenaires
from demonstration.equipe import VALIDE_PAR
from demonstration.hasard import hasard
from demonstration.reseau import Reseau, charger_reseau
from modeles.base import transaction
from modeles.tables import Demande, Dossier, Partenaire
from operations import dossiers
from operations.commission import demandes
from operations.configuration import calendriers, demarche
from operations.contexte import Contexte
from operations.pieces import Apport
from regles.calendrier import Etape, NatureEtape, fin_de_reception, ouverture_prevue
from regles.commission import Cofinanceur, Projet
from regles.demarches import Demarche

UN_JOUR = timedelta(days=1)
MOMENTS: Mapping[str, int] = {"tot": 560, "relance": 220, "tard": 120}  # thousandths; the others send nothing
REPONDENT = 260  # thousandths of those whom a call for projects is open to
RENONCENT = 100  # thousandths of those who have begun an answer to one
CONSTAT = "Reçue par courriel, classée au dossier partagé."
ENVELOPPES: Mapping[str, tuple[str, int]] = {
    "aap-partenaires-2026": ("partenaires", 2026),
    "projets-parentalite-2026": ("parentalite", 2026),
    "aap-plan-mercredi-2026": ("plan_mercredi", 2026),
    "aap-pdn-2027": ("promeneurs_du_net", 2027),
    "aap-partenaires-2027": ("partenaires", 2027),
}
PREMIERE = "formulaire"  # the document that begins an answer, and comes with the request
PDF = b"%PDF-1.4\n% invente\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Remise:
    """A document that a partner sends on a day; `piece` is empty for one who gives up. `par_fichier`: not on paper."""

    jour: date
    etape: str
    code: str
    piece: str
    par_fichier: bool = False

    @property
    def cle(self) -> str:
        """What it is noted under once recorded."""
        return f"{self.etape} {self.code} {self.piece or 'renonce'}"


def audience(contexte: Contexte, reseau: Reseau, etape: Etape) -> frozenset[str]:
    """Give the codes that a step taking documents is for, from config/demarches.yaml and the invented network."""
    visee = demarche(contexte, etape).audience
    if visee is None or not demarche(contexte, etape).par_dossier:
        return frozenset()
    if visee.prestations:
        return frozenset(e.code for e in reseau.equipements if e.prestation in visee.prestations)
    return membres(reseau, visee.dispositif) if visee.dispositif else frozenset(partenaires(reseau))


def remises(contexte: Contexte) -> tuple[Remise, ...]:
    """Give every document of the year, by the day it is sent."""
    reseau = charger_reseau(contexte.reglages.config)
    prevues = [
        remise
        for calendrier in calendriers(contexte)
        for etape in calendrier.etapes
        if demarche(contexte, etape).par_dossier and etape.nature is not NatureEtape.COMMISSION
        for code in sorted(audience(contexte, reseau, etape))
        for remise in _remises(etape, demarche(contexte, etape), code)
    ]
    return tuple(sorted(prevues, key=lambda r: (r.jour, r.etape, r.code, not r.piece, r.piece)))


def _remises(etape: Etape, suivie: Demarche, code: str) -> Iterator[Remise]:
    """Draw what somebody sends: nothing, all at once, or one document after the other."""
    alea = hasard("annee", "dossier", code, etape.id)
    moment = tirer(alea, MOMENTS)
    ouverture, fin = ouverture_prevue(etape, suivie.plan), fin_de_reception(etape, suivie.plan)
    if ouverture is None or fin is None or etape.limite is None or moment is None:
        return
    if suivie.facultative and alea.randint(1, 1000) > REPONDENT:
        return
    premier = _jour(alea, moment, ouverture, etape.limite, fin)
    attendues = [piece.code for piece in suivie.pieces if piece.obligatoire or alea.random() < 1 / 2]
    renonce = suivie.facultative and alea.randint(1, 1000) <= RENONCENT
    for rang, piece in enumerate(attendues):
        jour = min(premier + timedelta(days=alea.choice((0, 0, 3, 9))) if rang else premier, fin)
        yield Remise(jour, etape.id, code, piece, par_fichier=alea.random() < 1 / 2)
        if renonce:
            yield Remise(min(premier + timedelta(days=5), fin), etape.id, code, "")
            return


def _jour(alea: Random, moment: str, ouverture: date, limite: date, fin: date) -> date:
    debut = ouverture + UN_JOUR
    bornes = {
        "tot": (debut, max(debut, limite - timedelta(days=15))),
        "relance": (max(debut, limite - timedelta(days=9)), limite),
        "tard": (min(limite + 2 * UN_JOUR, fin), fin),
    }
    premier, dernier = bornes[moment]
    return premier + timedelta(days=alea.randint(0, (dernier - premier).days))


def enregistrer(contexte: Contexte, remise: Remise) -> None:
    """Record what came, as a person of the team does; the request comes with the form."""
    if not remise.piece:
        motif = "Le partenaire y renonce, par courriel."
        for reference in _demandes_de(contexte, remise):
            demandes.retirer(contexte, reference, VALIDE_PAR, motif)
        dossiers.clore_sans_suite(contexte, remise.etape, remise.code, dossiers.Sortie.RENONCER, VALIDE_PAR, motif)
        return
    fichier = _ecrire(contexte, remise) if remise.par_fichier else None
    apport = Apport(remise.piece, VALIDE_PAR, fichier, "" if fichier else CONSTAT, remise.jour)
    dossiers.recevoir(contexte, remise.etape, remise.code, apport)
    if remise.piece == PREMIERE and remise.etape in ENVELOPPES:
        demandes.deposer(contexte, projet(remise), VALIDE_PAR)


def _demandes_de(contexte: Contexte, remise: Remise) -> list[str]:
    """Give the requests that a partner has made under a call."""
    with transaction(contexte.moteur) as session:
        siennes = select(Demande.reference).where(
            Demande.dossier_id == Dossier.id,
            Dossier.partenaire_id == Partenaire.id,
            Dossier.etape == remise.etape,
            Partenaire.code == remise.code,
        )
        return list(session.exec(siennes))


def _ecrire(contexte: Contexte, remise: Remise) -> Path:
    bureau = contexte.reglages.var / "demonstration" / "partenaires" / remise.code
    bureau.mkdir(parents=True, exist_ok=True)
    chemin = bureau / f"{remise.etape} {remise.piece}.pdf"
    chemin.write_bytes(PDF + remise.cle.encode())
    return chemin


def projet(remise: Remise) -> Projet:
    """Invent the project that an answer to a call asks money for."""
    alea = hasard("annee", "projet", remise.etape, remise.code)
    cle, exercice = ENVELOPPES[remise.etape]
    budget = alea.randint(20, 120) * 10_000
    return Projet(
        partenaire=remise.code,
        appel=remise.etape,
        enveloppe=cle,
        exercice=exercice,
        objet=f"Projet {alea.choice(('numérique', 'parentalité', 'vacances', 'culture', 'jardin'))} de {remise.code}",
        demande_centimes=budget * 4 // 10,
        budget_centimes=budget,
        cofinanceurs=(Cofinanceur("Département", budget * 3 // 10),),
    )

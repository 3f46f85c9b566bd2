"""From what a mail has to say to the letter itself: attachments made, diary file written, several made one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from echanges.agenda import Evenement
from echanges.courriel.groupe import VueDeCampagne, VueGroupe, VueReunie, echeance_de, reunir_les_cadres
from echanges.courriel.message import Lettre, Piece
from echanges.courriel.rendu import VueRendue, rendre, rendre_le_corps
from echanges.courriel.vues import StructureCitee, VueCampagne, VueIndus, VueRejet
from echanges.courriel.vues_commission import VueCommission
from echanges.courriel.vues_dossiers import VueDossier, VueRecuDossier
from echanges.courriel.vues_filoue import VueFiloue, VueReponseFiloue
from echanges.courriel.vues_paiements import VuePaiements
from modeles.tables import Courriel
from operations import agendas
from operations.classeurs import produire_modele
from operations.contexte import ActeRefuse, Contexte
from operations.lettres_depots import copie_annotee
from operations.projets import XLSX, Projet
from regles.calendrier import PARIS, Etape, nommer_etape

ICS = "text/calendar; method=PUBLISH; charset=utf-8"
HTML = "text/html; charset=utf-8"
ECHEANCE = "echeance.ics"
AGENDA = "agenda-caf.ics"
OUVERTURE, RELANCE = "ouverture", "relance"


@dataclass(frozen=True, slots=True)
class Prete:
    """A letter with its attachments made, not rendered yet. `evenement`: its deadline; `dates`: all of the person's."""

    courriel: Courriel
    projet: Projet
    vue: VueRendue
    pieces: tuple[Piece, ...] = ()
    evenement: Evenement | None = None
    dates: tuple[Evenement, ...] = ()


def preparer(contexte: Contexte, courriel: Courriel, projet: Projet, destination: str) -> Prete:
    """Make the attachments of a letter. `destination`: the address it goes to, redirected or not.

    Raises:
        ActeRefuse: a refused deposit whose annotated copy cannot be made for lack of a form.
    """
    test_pour = "" if destination == projet.adresse else projet.adresse
    cadre = replace(projet.vue.cadre, test_pour=test_pour)
    if isinstance(projet.vue, VueIndus | VuePaiements):
        pages = tuple(Piece(nom, HTML, page.encode()) for nom, page in projet.pages)
        return Prete(courriel, projet, replace(projet.vue, cadre=cadre), pages)
    if isinstance(projet.vue, VueCampagne):
        structures, pieces = _joindre_les_classeurs(contexte, projet.vue, projet.etape)
        vue = replace(projet.vue, cadre=cadre, structures=structures)
        return _dater(contexte, Prete(courriel, projet, vue, pieces), vue)
    if isinstance(projet.vue, VueFiloue):
        filoue = replace(projet.vue, cadre=cadre)
        return _dater(contexte, Prete(courriel, projet, filoue), filoue)
    if isinstance(projet.vue, VueDossier):
        dossiers = replace(projet.vue, cadre=cadre)
        return _dater(contexte, Prete(courriel, projet, dossiers), dossiers)
    if isinstance(projet.vue, VueRejet | VueRecuDossier | VueReponseFiloue | VueCommission):
        return Prete(courriel, projet, replace(projet.vue, cadre=cadre))
    copie = copie_annotee(contexte, projet)
    reponse = replace(projet.vue, cadre=cadre, copie=copie.nom if copie else "")
    return Prete(courriel, projet, reponse, (copie,) if copie else ())


def _dater(contexte: Contexte, prete: Prete, vue: VueDeCampagne) -> Prete:
    """Add the deadline, as the person's whole agenda names it, and that agenda when a step opens.

    Who has more time for some of what they answer gets an event of its own: the earlier date of the rest stays.
    """
    rappel_de_demandes = isinstance(vue, VueDossier) and vue.suit_ses_demandes and prete.courriel.genre == RELANCE
    if vue.est_passee or rappel_de_demandes:  # the cut-off of the sitting is the only date left
        return prete
    reglee, projet = prete.projet.etape, prete.projet
    toutes = agendas.dates_de_la_personne(contexte, projet.adresse)
    sienne = next((d for d in toutes if (d.etape, d.moment) == (reglee.id, agendas.Moment.LIMITE)), None)
    structures = [f"{s.nom} ({s.code})" for s in vue.structures]
    evenement = agendas.evenement_limite(contexte, reglee, projet.partenaire, vue.limite, structures)
    if sienne is not None:
        propre = "".join(f".{s.code}" for s in vue.structures) if vue.limite > sienne.evenement.jour else ""
        evenement = replace(evenement, identifiant=sienne.evenement.identifiant + propre)
    jour = prete.courriel.decide_le.astimezone(PARIS).date()
    dates = [d.evenement for d in toutes if d.evenement.jour >= jour] if prete.courriel.genre == OUVERTURE else ()
    autres = tuple(d for d in dates if d.identifiant != evenement.identifiant)
    return replace(prete, evenement=evenement, dates=(evenement, *autres) if autres else ())


def rediger(contexte: Contexte, pretes: Sequence[Prete], destination: str) -> Lettre:
    """Render one letter: as it is when it is alone, else one made of several, in order of their dates.

    The first one gives the key, hence the Message-ID; one diary file holds all the dates.
    """
    porteuse = pretes[0]
    if len(pretes) == 1:
        rendu = rendre(porteuse.projet.genre, porteuse.vue, AGENDA if porteuse.dates else "")
        pieces = (*porteuse.pieces, *_fichiers_d_agenda(contexte, porteuse))
        return Lettre(porteuse.courriel.cle, porteuse.projet.nom, destination, rendu, pieces)
    lues = sorted(
        ((echeance_de(p.vue, nommer_etape(p.projet.etape)), p) for p in pretes if isinstance(p.vue, VueReunie)),
        key=lambda lue: lue[0].le,
    )
    evenements = {e.identifiant: e for p in pretes for e in p.dates}
    evenements |= {p.evenement.identifiant: p.evenement for p in pretes if p.evenement is not None}
    vue = VueGroupe(
        cadre=reunir_les_cadres(p.vue.cadre for _, p in lues),
        echeances=tuple(echeance for echeance, _ in lues),
        parties=tuple(rendre_le_corps(p.projet.genre, p.vue) for _, p in lues),
        agenda=ECHEANCE if evenements else "",
    )
    pieces = tuple(dict.fromkeys(piece for _, p in lues for piece in p.pieces))
    if evenements:
        dates = sorted(evenements.values(), key=lambda e: (e.jour, e.identifiant))
        pieces = (*pieces, _fichier(contexte, ECHEANCE, dates, porteuse.courriel))
    return Lettre(porteuse.courriel.cle, porteuse.projet.nom, destination, rendre("groupe", vue), pieces)


def _fichiers_d_agenda(contexte: Contexte, prete: Prete) -> tuple[Piece, ...]:
    """Write the deadline alone, which any diary takes at once, after the whole agenda when there is one."""
    if prete.evenement is None:
        return ()
    seule = _fichier(contexte, ECHEANCE, [prete.evenement], prete.courriel)
    return (_fichier(contexte, AGENDA, prete.dates, prete.courriel), seule) if prete.dates else (seule,)


def _fichier(contexte: Contexte, nom: str, evenements: Sequence[Evenement], courriel: Courriel) -> Piece:
    titre = agendas.TITRE if nom == AGENDA else ""
    return Piece(nom, ICS, agendas.ecrire(contexte, evenements, courriel.decide_le, titre))


def _joindre_les_classeurs(
    contexte: Contexte, vue: VueCampagne, reglee: Etape
) -> tuple[tuple[StructureCitee, ...], tuple[Piece, ...]]:
    citees, pieces = [], []
    for structure in vue.structures:
        try:
            nom, octets = produire_modele(
                contexte, structure.prestation, reglee.nature.value, vue.exercice, structure.code, reglee
            )
        except ActeRefuse:
            citees.append(structure)
            continue
        citees.append(replace(structure, fichier=nom))
        pieces.append(Piece(nom, XLSX, octets))
    return tuple(citees), tuple(pieces)

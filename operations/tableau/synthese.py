"""The board of a day: steps, what waits for whom, amounts by territory and by prestation, indicators."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.tables import Structure, Versement
from operations import boite_envoi, coordonnees, indus, suivi, taches
from operations.attendus import etapes_ouvertes
from operations.configuration import calendriers
from operations.contexte import Contexte
from operations.indicateurs import Indicateur, indicateurs
from operations.suivi import Avancement
from operations.tableau import affaires, argent
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.annuaire import Annuaire, Fiche
from operations.tableau.subventions import des_subventions
from regles.calendrier import nommer_etape
from regles.commission import FONDS_LOCAUX
from regles.etats import EtatVersement

PAR = {Acteur.EQUIPE: "par l’équipe", Acteur.FINANCE: "par la finance"}
SUBVENTIONS = "Subventions (fonds locaux)"


@dataclass(frozen=True, slots=True)
class Groupe:
    """A territory or a prestation: its structures (no funded project), what waits there, and its money in cents."""

    nom: str
    telephone: str
    structures: int
    en_retard: int
    partenaires: int
    equipe: int
    a_payer_centimes: int
    en_lot_centimes: int
    indus_centimes: int


@dataclass(frozen=True, slots=True)
class Tableau:
    """The board. `affaires`: the latest first, by who must act; amounts of the groups add up to those of the whole."""

    jour: date
    mention: str
    campagnes: tuple[Avancement, ...]
    affaires: tuple[Affaire, ...]
    territoires: tuple[Groupe, ...]
    prestations: tuple[Groupe, ...]
    indicateurs: tuple[Indicateur, ...]

    def pour(self, acteur: Acteur) -> tuple[Affaire, ...]:
        """What waits for one of the three."""
        return tuple(a for a in self.affaires if a.acteur is acteur)

    def retards(self, acteur: Acteur) -> tuple[Affaire, ...]:
        """What waits for one of the three past its limit."""
        return tuple(a for a in self.pour(acteur) if a.retard(self.jour))

    @property
    def phrase(self) -> str:
        """« 12 en retard chez les partenaires ; à faire : 40 par l’équipe (7 en retard), 2 par la finance »."""
        equipe, finance = (self._compter(acteur) for acteur in (Acteur.EQUIPE, Acteur.FINANCE))
        chez_eux = len(self.retards(Acteur.PARTENAIRE))
        return f"{chez_eux} en retard chez les partenaires ; à faire : {equipe}, {finance}"

    def _compter(self, acteur: Acteur) -> str:
        retards = len(self.retards(acteur))
        suite = f" ({retards} en retard)" if retards else ""
        return f"{len(self.pour(acteur))} {PAR[acteur]}{suite}"


@dataclass(frozen=True, slots=True)
class _Somme:
    """Money that waits at a structure, in cents."""

    fiche: Fiche
    a_payer: int = 0
    en_lot: int = 0
    indus: int = 0


def dresser(contexte: Contexte, jour: date | None = None) -> Tableau:
    """Read the board of a day; nothing is written."""
    ce_jour = contexte.maintenant(jour).date()
    etapes = etapes_ouvertes(contexte, ce_jour)
    campagnes = tuple(a for e in etapes if (a := suivi.avancement(contexte, e.id, jour)).attendues)
    courriels, a_faire = boite_envoi.lister(contexte), taches.lister(contexte)
    comptes, recouvrements = coordonnees.lister(contexte, jour=jour), indus.lister_indus(contexte)
    appels = {(t.etape, code) for t in a_faire for code in (*t.structures, t.partenaire)}
    noms = {e.id: nommer_etape(e) for c in calendriers(contexte) for e in c.etapes}
    noms_ps = {code: nom for c in calendriers(contexte) for code, nom in c.prestations} | {FONDS_LOCAUX: SUBVENTIONS}
    with transaction(contexte.moteur) as session:
        annuaire = Annuaire(contexte, session)
        trouvees = [
            *affaires.des_campagnes(contexte, session, annuaire, etapes, appels, ce_jour),
            *affaires.des_demandes(contexte, session, annuaire, ce_jour),
            *affaires.des_declarations(session, annuaire, etapes),
            *affaires.des_depots(session, annuaire, ce_jour),
            *affaires.des_courriels(courriels, annuaire),
            *affaires.des_taches(a_faire, annuaire, noms),
            *argent.des_droits(contexte, session, annuaire, etapes, ce_jour),
            *des_subventions(contexte, session, annuaire, noms, ce_jour),
            *argent.des_lots(session, annuaire, noms),
            *argent.des_comptes(comptes, annuaire),
        ]
        sommes = [*_versements(session, annuaire)]
    sommes += [_Somme(annuaire.fiche(i.structure), indus=i.restant_centimes) for i in recouvrements]
    ordre = list(Acteur)
    return Tableau(
        jour=ce_jour,
        mention=contexte.reglages.mention,
        campagnes=campagnes,
        affaires=tuple(
            sorted(
                trouvees,
                key=lambda a: (ordre.index(a.acteur), -a.retard(ce_jour), a.depuis or ce_jour, a.sujet, a.fiche.code),
            )
        ),
        territoires=_grouper(annuaire, trouvees, sommes, ce_jour, _territoire),
        prestations=_grouper(
            annuaire, trouvees, sommes, ce_jour, lambda f: (noms_ps.get(f.prestation, f.prestation), "")
        ),
        indicateurs=indicateurs(contexte, jour),
    )


def _versements(session: Session, annuaire: Annuaire) -> Iterable[_Somme]:
    attente = session.exec(
        select(Versement, Structure).where(
            Versement.structure_id == Structure.id,
            col(Versement.etat).in_([EtatVersement.DU, EtatVersement.EN_LOT]),
        )
    )
    for versement, structure in attente:
        en_lot = versement.etat is EtatVersement.EN_LOT
        montant = versement.montant_centimes
        yield _Somme(annuaire.fiche(structure.code), a_payer=0 if en_lot else montant, en_lot=montant if en_lot else 0)


def _territoire(fiche: Fiche) -> tuple[str, str]:
    return fiche.territoire, fiche.telephone


def _grouper(
    annuaire: Annuaire,
    trouvees: Sequence[Affaire],
    sommes: Sequence[_Somme],
    jour: date,
    cle: Callable[[Fiche], tuple[str, str]],
) -> tuple[Groupe, ...]:
    """Gather by territory (its officer's phone tells two officers apart) or by prestation, in their order.

    Two officers of one territory are told by what each answers for.
    """
    volets = {(f.territoire, f.telephone): f.volet for f in annuaire.structures.values()}
    structures = Counter(cle(fiche) for fiche in annuaire.structures.values() if fiche.prestation != FONDS_LOCAUX)
    situees = [a for a in trouvees if a.fiche.code]
    partenaires = Counter(cle(a.fiche) for a in situees if a.acteur is Acteur.PARTENAIRE)
    retards = Counter(cle(a.fiche) for a in situees if a.acteur is Acteur.PARTENAIRE and a.retard(jour))
    equipe = Counter(cle(a.fiche) for a in situees if a.acteur is not Acteur.PARTENAIRE)
    cles = {*structures, *partenaires, *equipe, *(cle(s.fiche) for s in sommes)}
    groupes: Mapping[tuple[str, str], list[_Somme]] = {c: [] for c in sorted(cles)}
    for somme in sommes:
        groupes[cle(somme.fiche)].append(somme)
    return tuple(
        Groupe(
            nom=f"{c[0]}, {volet}" if (volet := volets.get(c)) else c[0],
            telephone=c[1],
            structures=structures[c],
            en_retard=retards[c],
            partenaires=partenaires[c],
            equipe=equipe[c],
            a_payer_centimes=sum(s.a_payer for s in siennes),
            en_lot_centimes=sum(s.en_lot for s in siennes),
            indus_centimes=sum(s.indus for s in siennes),
        )
        for c, siennes in groupes.items()
    )

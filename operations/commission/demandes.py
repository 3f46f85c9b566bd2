"""Requests for a grant: recorded once, sent to the sitting that can take them, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, func, select

from echanges.classeur.lecture import LecteurIsole
from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes import structure_par_code
from modeles.requetes_commission import demandes_a_completer
from modeles.tables import Demande, Dossier, Partenaire, Structure
from modeles.transitions import Acte, consigner, passer
from operations.boite_envoi import exiger_motif, taire_adresses
from operations.commission import notifications
from operations.commission.socle import completude, demande_ou_refus, enveloppe, enveloppes, seance_suivante
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.dossiers import SANS_SUITE
from regles.calendrier import PARIS, Etape, NatureEtape, ouverture_prevue
from regles.commission import BudgetFaux, Enveloppe, Projet
from regles.dates import en_toutes_lettres
from regles.etats import EtatDemande, EtatDossier
from regles.grille import FichierRefuse, Grille
from regles.monnaie import formater_euros
from schemas.commission import Faute, ProjetLu, dans_l_ordre, grille_du_csv, lire_demandes

SANS_SEANCE = "aucune commission du calendrier ne peut encore la prendre : elle attend"
OUVERTES = frozenset({EtatDemande.DEPOSEE, EtatDemande.INSCRITE})


@dataclass(frozen=True, slots=True)
class BilanDemande:
    """A request recorded, or found as it was. `commission`: the sitting it goes to, "" while none can take it."""

    reference: str
    nouvelle: bool
    commission: str
    manquantes: tuple[str, ...]
    part_propre_centimes: int
    message: str


@dataclass(frozen=True, slots=True)
class BilanImport:
    """A table of requests: what is wrong (nothing is then written), else what each row became."""

    fautes: tuple[Faute, ...]
    demandes: tuple[BilanDemande, ...]
    applique: bool = False


class _Colonne(ActeRefuse):
    """A refusal that is about one column of a table."""

    def __init__(self, colonne: str, phrase: str) -> None:
        super().__init__(phrase)
        self.colonne = colonne


class _RienDEcrit(Exception):
    """Undo what a preview wrote."""


def deposer(contexte: Contexte, projet: Projet, par: str, jour: date | None = None) -> BilanDemande:
    """Record a request, and tell the partner what it still lacks. The same one again is found as it was.

    Raises:
        ActeRefuse: a person who may not validate, an unknown partner, structure, call or envelope, a budget that does
            not hold, the same project already asked for other amounts, or an answer that was left without a sequel.
    """
    contexte.exiger_droit(par, "valider")
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        return _deposer(contexte, session, projet, par, instant)


def importer(
    contexte: Contexte, chemin: Path, par: str, *, appliquer: bool = False, jour: date | None = None
) -> BilanImport:
    """Record the requests of a table (xlsx, or CSV in UTF-8): all of them, or none when a cell is wrong.

    Raises:
        ActeRefuse: a person who may not validate, or a file that is not read at all.
    """
    contexte.exiger_droit(par, "valider")
    instant = contexte.maintenant(jour)
    lus, dites = lire_demandes(lire_tableau(chemin))
    fautes = list(dites)
    bilans: list[BilanDemande] = []
    try:
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            for lu in lus:
                _essayer(contexte, session, lu, par, instant, (bilans, fautes))
            if fautes or not appliquer:
                raise _RienDEcrit
    except _RienDEcrit:
        return BilanImport(dans_l_ordre(fautes), tuple(bilans))
    return BilanImport((), tuple(bilans), applique=True)


def _essayer(
    contexte: Contexte,
    session: Session,
    lu: ProjetLu,
    par: str,
    instant: datetime,
    suites: tuple[list[BilanDemande], list[Faute]],
) -> None:
    bilans, fautes = suites
    try:
        bilans.append(_deposer(contexte, session, lu.projet, par, instant))
    except ActeRefuse as refus:
        colonne = refus.colonne if isinstance(refus, _Colonne) else "Partenaire"
        fautes.append(Faute(lu.cellules.get(colonne, lu.cellules["Partenaire"]), str(refus)))


def lire_tableau(chemin: Path) -> Grille:
    """Read a table that a person gives, apart from this process when it is a workbook.

    Raises:
        ActeRefuse: missing file, or one that is not read.
    """
    try:
        octets = chemin.read_bytes()
        if chemin.suffix.lower() == ".csv":
            return grille_du_csv(octets)
        with LecteurIsole() as lecteur:
            return lecteur.lire(octets)
    except OSError:
        raise ActeRefuse(f"« {chemin} » ne se lit pas : vérifiez le chemin.") from None
    except FichierRefuse as refus:
        raise ActeRefuse(f"« {chemin.name} » : {refus.phrase}") from None


def _deposer(contexte: Contexte, session: Session, projet: Projet, par: str, instant: datetime) -> BilanDemande:
    connue = _enveloppe(contexte, projet)
    appel = _appel(contexte, projet)
    partenaire, structure = _qui(session, projet)
    try:
        part = projet.part_propre_centimes
    except BudgetFaux as faux:
        raise _Colonne("Budget", str(faux)) from None
    acte = Acte(instant, par, "deposer")
    dossier = _dossier(contexte, session, appel, partenaire, structure, acte)
    deja = _deja(session, dossier, projet)
    if deja is not None:
        _exiger_la_meme(deja, projet)
        return _bilan(contexte, session, deja, appel, part, nouvelle=False)
    suivante = seance_suivante(contexte, session, instant.date())
    demande = Demande(
        reference=_reference(session, connue.sigle, projet.exercice),
        dossier_id=dossier.id or 0,
        structure_id=structure.id if structure else None,
        objet=projet.objet,
        enveloppe=projet.enveloppe,
        exercice=projet.exercice,
        montant_demande_centimes=projet.demande_centimes,
        budget_centimes=projet.budget_centimes,
        cofinanceurs=[{"nom": c.nom, "montant_centimes": c.montant_centimes} for c in projet.cofinanceurs],
        deposee_le=instant,
        commission=suivante.id if suivante else "",
        etat=EtatDemande.DEPOSEE,
    )
    session.add(demande)
    session.flush()
    details = {"partenaire": partenaire.code, "commission": demande.commission or SANS_SEANCE}
    consigner(session, demande, acte, {**details, "montant_centimes": demande.montant_demande_centimes})
    notifications.accuser_reception(contexte, session, demande, instant)
    return _bilan(contexte, session, demande, appel, part, nouvelle=True)


def _enveloppe(contexte: Contexte, projet: Projet) -> Enveloppe:
    try:
        connue = enveloppe(contexte, projet.enveloppe, projet.exercice)
    except ActeRefuse as refus:
        raise _Colonne("Enveloppe", str(refus)) from None
    exercices = enveloppes(contexte).enveloppes[projet.enveloppe].exercices
    if projet.exercice not in exercices:
        connus = ", ".join(map(str, exercices))
        raise _Colonne(
            "Exercice",
            f"L'enveloppe « {connue.libelle} » n'a pas d'exercice {projet.exercice} dans config/enveloppes.yaml "
            f"({connus}).",
        )
    return connue


def _appel(contexte: Contexte, projet: Projet) -> Etape:
    try:
        appel = etape(contexte, projet.appel)
    except ActeRefuse as refus:
        raise _Colonne("Appel à projets", str(refus)) from None
    if appel.nature is not NatureEtape.APPEL_A_PROJETS:
        raise _Colonne("Appel à projets", f"« {projet.appel} » n'est pas un appel à projets du calendrier.")
    return appel


def _qui(session: Session, projet: Projet) -> tuple[Partenaire, Structure | None]:
    partenaire = session.exec(select(Partenaire).where(Partenaire.code == projet.partenaire)).first()
    if partenaire is None:
        raise _Colonne("Partenaire", f"« {projet.partenaire} » n'est le code d'aucun partenaire.")
    if not projet.structure:
        return partenaire, None
    structure = structure_par_code(session, projet.structure)
    if structure is None or structure.partenaire_id != partenaire.id:
        raise _Colonne("Structure", f"« {projet.structure} » n'est pas une structure de {partenaire.nom}.")
    return partenaire, structure


def _dossier(
    contexte: Contexte, session: Session, appel: Etape, partenaire: Partenaire, structure: Structure | None, acte: Acte
) -> Dossier:
    """Give the partner's answer to the call, born here when the call had not expected them; it is now under way."""
    audience = demarche(contexte, appel).audience
    par_structure = structure is not None and audience is not None and audience.par_structure
    structure_id = structure.id if structure is not None and par_structure else None
    dossier = session.exec(
        select(Dossier).where(
            Dossier.etape == appel.id,
            Dossier.partenaire_id == partenaire.id,
            col(Dossier.structure_id).is_(None) if structure_id is None else Dossier.structure_id == structure_id,
        )
    ).first()
    if dossier is None:
        dossier = Dossier(
            etape=appel.id,
            partenaire_id=partenaire.id or 0,
            structure_id=structure_id,
            etat=EtatDossier.ATTENDU,
            cree_le=acte.le,
        )
        session.add(dossier)
        session.flush()
        consigner(session, dossier, acte, {"etape": appel.id, "partenaire": partenaire.code})
    if dossier.etat is EtatDossier.SANS_SUITE:
        code = structure.code if structure is not None and par_structure else partenaire.code
        raise _Colonne("Appel à projets", SANS_SUITE.format(etape=appel.id, code=code))
    if dossier.etat is EtatDossier.ATTENDU:
        passer(session, dossier, EtatDossier.EN_COURS, acte)
    return dossier


def _deja(session: Session, dossier: Dossier, projet: Projet) -> Demande | None:
    siennes = session.exec(
        select(Demande).where(
            Demande.dossier_id == dossier.id,
            Demande.exercice == projet.exercice,
            Demande.enveloppe == projet.enveloppe,
            Demande.etat != EtatDemande.RETIREE,
        )
    )
    return next((d for d in siennes if d.objet.casefold() == projet.objet.casefold()), None)


def _exiger_la_meme(deja: Demande, projet: Projet) -> None:
    voulus = [{"nom": c.nom, "montant_centimes": c.montant_centimes} for c in projet.cofinanceurs]
    memes = (deja.montant_demande_centimes, deja.budget_centimes, deja.cofinanceurs) == (
        projet.demande_centimes, projet.budget_centimes, voulus,
    )  # fmt: skip
    if not memes:
        raise _Colonne(
            "Montant demandé",
            f"Ce projet est déjà déposé ({deja.reference}, {formater_euros(deja.montant_demande_centimes)}) avec un "
            "autre financement : retirez-la d'abord (campagnes commission retirer), ou changez l'objet.",
        )


def _reference(session: Session, sigle: str, exercice: int) -> str:
    debut = f"{exercice}-{sigle}-"
    connues = session.exec(select(func.count()).where(col(Demande.reference).startswith(debut))).one()
    return f"{debut}{connues + 1:04d}"


def _bilan(
    contexte: Contexte, session: Session, demande: Demande, appel: Etape, part: int, *, nouvelle: bool
) -> BilanDemande:
    manquantes = completude(contexte, session, demande).manquantes
    debut = f"Demande {demande.reference} " + ("enregistrée" if nouvelle else "déjà enregistrée")
    ou = f"{SANS_SEANCE}."
    if demande.commission:
        prevue = etape(contexte, demande.commission)
        limite = en_toutes_lettres(prevue.demandes_avant) if prevue.demandes_avant else ""
        ou = f"{prevue.libelle}, dossier complet attendu au plus tard le {limite} inclus."
    reste = f" Il manque : {', '.join(manquantes)}." if manquantes else " Dossier complet."
    message = f"{debut} : {ou}{reste}{_hors_des_dates(contexte, appel, demande)}"
    return BilanDemande(demande.reference, nouvelle, demande.commission, manquantes, part, message)


def _hors_des_dates(contexte: Contexte, appel: Etape, demande: Demande) -> str:
    """Say that a request came outside the dates of its call: often the wrong call, always for a person to know."""
    le = demande.deposee_le.astimezone(PARIS).date()
    ouverture = ouverture_prevue(appel, plan_relances(contexte, appel))
    if ouverture is not None and le < ouverture:
        return f" Attention : cet appel n'ouvre que le {en_toutes_lettres(ouverture)}."
    if appel.limite is not None and le > appel.limite:
        return f" Attention : cet appel s'est terminé le {en_toutes_lettres(appel.limite)}."
    return ""


def rattacher_en_attente(contexte: Contexte, session: Session, instant: datetime, par: str) -> Sequence[Demande]:
    """Send to a sitting the requests that no calendar could take when they came; give those that found one."""
    en_attente = demandes_a_completer(session, "")
    return [d for d in en_attente if envoyer_a_la_suivante(contexte, session, d, instant, par)]


def envoyer_a_la_suivante(contexte: Contexte, session: Session, demande: Demande, instant: datetime, par: str) -> bool:
    """Send a request to the next sitting that can take it, and write it in the journal; whether there is one.

    What was complete on a day goes to the first sitting whose cut-off is not past that day; the rest, today.
    """
    complete_le = completude(contexte, session, demande).complete_le
    repere = complete_le.astimezone(PARIS).date() if complete_le else instant.date()
    suivante = seance_suivante(contexte, session, repere)
    avant, demande.commission = demande.commission, suivante.id if suivante else ""
    if avant != demande.commission:
        session.add(demande)
        motif = f"de « {avant or 'aucune'} » à « {suivante.id} »" if suivante else SANS_SEANCE
        consigner(session, demande, Acte(instant, par, "reporter", motif), {"commission": demande.commission})
    return suivante is not None


def retirer(contexte: Contexte, reference: str, par: str, motif: str, jour: date | None = None) -> str:
    """Withdraw a request that no sitting has decided; give a French sentence. Withdrawn already, nothing changes.

    Raises:
        ActeRefuse: unknown or decided request, a person who may not validate, or no reason.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        demande = demande_ou_refus(session, reference)
        if demande.etat is EtatDemande.RETIREE:
            return f"{reference} était déjà retirée."
        if demande.etat not in OUVERTES:
            raise ActeRefuse(f"{reference} est déjà décidée ({demande.etat}) : elle ne se retire plus.")
        passer(session, demande, EtatDemande.RETIREE, Acte(instant, par, "retirer", taire_adresses(motif)))
    return f"{reference} est retirée."

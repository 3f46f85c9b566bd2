"""Rappels: what a value known later changes in rights already paid. Shown to a person, written once they confirm it.

Paid means in a batch released by another person; a right whose batch still waits is left apart, or its release would be
refused. What was paid before this system rests on no right computed here: it is said apart, and its réel will tell.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import MOTIF_AU_PLUS, inscrire, inscrire_refus, lignes_de, verrouiller
from modeles.lecture import lecture_seule
from modeles.requetes_argent import (
    declarations_de_l_exercice,
    dernier_droit,
    engages_de,
    lot_en_attente,
    versements_de_la_structure,
)
from modeles.tables import Declaration, Droit, Partenaire, Structure
from operations.avis_indus import notifier_indus
from operations.codes import exiger_code
from operations.contexte import ActeRefuse, Contexte, exiger_court
from operations.droits import calculer_connu_le, composer_droit, enregistrer_droit
from operations.dus import AReglement, BilanDus, Prevision, prevoir, regler
from operations.paiements import base_du_droit
from regles.calcul import COMPOSANTES
from regles.commission import SUBVENTION
from regles.etats import EtatDeclaration, EtatVersement, NatureVersement
from regles.rappels import LigneAPart, LigneRappel, ListeRappels, comparer_citations
from regles.simulation import suggerer

OBJET = "rappels"
CONFIRMER, RENONCER, REFUSER, PRESENTER = "confirmer", "renoncer", "confirmation_refusee", "presenter"
LISTE_CHANGEE = "La liste a changé depuis que vous l’avez lue : relisez-la, puis confirmez la nouvelle."
SANS_MOTIF = "Le motif est attendu : il dit quelle publication a été lue, ou pourquoi rien n’est rappelé."
EMPREINTE = re.compile("[0-9a-f]{64}")
EMPREINTE_ILLISIBLE = "L’empreinte a 64 signes (0 à 9, a à f) : recopiez celle de la liste."
RIEN = "Rien à confirmer : aucun droit déjà payé ne change avec ce qui est connu aujourd’hui."
REPRISE = "Payé avant ce système, sur un droit qui n’a pas été calculé ici : son réel fera le compte."
A_RECALCULER = (
    "Rien n’est encore payé sur ce droit, qui change aussi : recalculez-le sous son étape (campagnes droits {etape})."
)
EN_LOT = "Le lot {lot} attend ses signatures : signez-le ou refusez-le d’abord."


@dataclass(frozen=True, slots=True)
class BilanRappels:
    """What a confirmation wrote: rights, dues and indus by nature, and the steps under which they are now proposed.

    `deja_par`: who had already confirmed this very list; nothing is written then.
    """

    empreinte: str
    droits: int = 0
    dus: BilanDus = field(default_factory=BilanDus)
    etapes: tuple[str, ...] = ()
    deja_par: str = ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a run shows while it waits: the fingerprint of the list, its rank, and why the last answer was refused."""

    empreinte: str
    rang: int
    dernier_refus: str


@dataclass(frozen=True, slots=True)
class _Cas:
    ligne: LigneRappel
    reglement: AReglement
    est_nouveau: bool


def calculer_rappels(
    contexte: Contexte, exercices: Sequence[int], jour: date | None = None, prestations: Sequence[str] = ()
) -> ListeRappels:
    """Compute again every right already paid for some exercices, as known that day, and say what differs. Read-only.

    Raises:
        ActeRefuse: no exercice, or an unknown prestation.
    """
    instant = contexte.maintenant(jour)
    with lecture_seule(contexte.moteur) as session:
        return _lister(contexte, session, exercices, prestations, instant)[0]


def confirmer_rappels(
    contexte: Contexte,
    exercices: Sequence[int],
    empreinte: str,
    par: str,
    motif: str,
    jour: date | None = None,
    prestations: Sequence[str] = (),
    code: str = "",
) -> BilanRappels:
    """Write the rights, dues and indus of the very list a person has read, whose fingerprint they give.

    The partners are told of their indus. The same list confirmed again writes nothing. A refusal is written in the
    journal before it is said.

    Raises:
        ActeRefuse: a person who may not propose, a wrong personal code, no reason, nothing to confirm, or a list that
            has changed since.
    """
    instant = contexte.maintenant(jour)
    if not EMPREINTE.fullmatch(empreinte):
        raise ActeRefuse(EMPREINTE_ILLISIBLE)
    try:
        _exiger(contexte, par, motif)
        exiger_code(contexte, par, code)
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            deja = lignes_de(session, OBJET, empreinte, CONFIRMER)
            if deja:
                etapes = tuple(json.loads(deja[0].details)["etapes"])
                bilan = BilanRappels(empreinte, etapes=etapes, deja_par=deja[0].par)
            else:
                bilan = _confirmer(contexte, session, exercices, prestations, empreinte, par, motif, instant)
    except ActeRefuse as refus:
        with transaction(contexte.moteur) as session:
            inscrire_refus(session, le=instant, par=par, objet=OBJET, objet_id=empreinte, action=REFUSER,
                           refus=str(refus))  # fmt: skip
        raise
    for etape in bilan.etapes:
        notifier_indus(contexte, etape, jour)
    return bilan


def _confirmer(
    contexte: Contexte,
    session: Session,
    exercices: Sequence[int],
    prestations: Sequence[str],
    empreinte: str,
    par: str,
    motif: str,
    instant: datetime,
) -> BilanRappels:
    liste, cas = _lister(contexte, session, exercices, prestations, instant)
    if liste.empreinte != empreinte:
        raise ActeRefuse(LISTE_CHANGEE)
    if not cas:
        raise ActeRefuse(RIEN)
    return _ecrire(contexte, session, liste, cas, par, motif, instant)


def renoncer_aux_rappels(contexte: Contexte, empreinte: str, par: str, motif: str, jour: date | None = None) -> None:
    """Write that a person read a list and did not confirm it; nothing else changes.

    Raises:
        ActeRefuse: a person who may not propose, or no reason.
    """
    instant = contexte.maintenant(jour)
    try:
        _exiger(contexte, par, motif)
    except ActeRefuse as refus:
        with transaction(contexte.moteur) as session:
            inscrire_refus(session, le=instant, par=par, objet=OBJET, objet_id=empreinte, action=REFUSER,
                           refus=str(refus))  # fmt: skip
        raise
    with transaction(contexte.moteur) as session:
        inscrire(session, le=instant, par=par, objet=OBJET, objet_id=empreinte, action=RENONCER, motif=motif)


def presenter_rappels(
    contexte: Contexte, execution: str, empreinte: str, refus: str = "", jour: date | None = None
) -> Presentation:
    """Write which list a run shows to the person it waits for; asked again, give the one shown, even if changed since.

    `execution` is the id of the run; `refus` says why its last answer was not taken: the list is then shown anew.
    """
    with transaction(contexte.moteur) as session:
        montrees = lignes_de(session, OBJET, execution, PRESENTER)
        if refus or not montrees:
            instant, details = contexte.maintenant(jour), {"empreinte": empreinte}
            ligne = inscrire(session, le=instant, par=OBJET, objet=OBJET, objet_id=execution, action=PRESENTER,
                             motif=refus, details=details)  # fmt: skip
            montrees = [*montrees, ligne]
        derniere = montrees[-1]
        return Presentation(json.loads(derniere.details)["empreinte"], len(montrees), derniere.motif)


def _exiger(contexte: Contexte, par: str, motif: str) -> None:
    contexte.exiger_droit(par, "proposer")
    if not motif.strip():
        raise ActeRefuse(SANS_MOTIF)
    exiger_court(motif, MOTIF_AU_PLUS)


def _lister(
    contexte: Contexte, session: Session, exercices: Sequence[int], prestations: Sequence[str], instant: datetime
) -> tuple[ListeRappels, list[_Cas]]:
    """Give the list, and what a confirmation would write."""
    if not exercices:
        raise ActeRefuse("Dites au moins un exercice.")
    for prestation in prestations:
        if prestation not in COMPOSANTES:
            raise ActeRefuse(f"Prestation inconnue : « {prestation} »{suggerer(prestation, sorted(COMPOSANTES))}")
    annees, retenues = tuple(sorted(set(exercices))), tuple(sorted(set(prestations)))
    cas, a_part = [], []
    for declaration, structure, partenaire in _bases(session, annees, retenues):
        examine = _examiner(contexte, session, declaration, structure, partenaire, instant)
        if isinstance(examine, _Cas):
            cas.append(examine)
        elif examine:
            a_part.append(
                LigneAPart(structure.code, structure.nom, declaration.prestation, declaration.exercice, examine)
            )
    lignes = tuple(c.ligne for c in cas)
    liste = ListeRappels(annees, retenues, instant.date(), lignes, tuple(a_part), contexte.reglages.mention)
    return liste, [c for c in cas if c.ligne.change]


def _bases(
    session: Session, exercices: Sequence[int], prestations: Sequence[str]
) -> Iterator[tuple[Declaration, Structure, Partenaire]]:
    """Give the declarations that the payments of each exercice rest on, by exercice then structure code."""
    for exercice in exercices:
        for trouvee in declarations_de_l_exercice(session, exercice, [EtatDeclaration.VALIDEE]):
            declaration, structure, _ = trouvee
            if declaration.nature == SUBVENTION or (prestations and declaration.prestation not in prestations):
                continue
            if base_du_droit(session, structure.id or 0, exercice) is declaration:
                yield trouvee


def _examiner(
    contexte: Contexte,
    session: Session,
    declaration: Declaration,
    structure: Structure,
    partenaire: Partenaire,
    instant: datetime,
) -> _Cas | tuple[str, ...]:
    """Compare a right with what is known now; else give why it is left apart (nothing: no payment rests on it yet)."""
    engages, avant = engages_de(session, declaration.id or 0), dernier_droit(session, declaration.id or 0)
    if avant is None:
        return _reprise(session, structure, declaration.exercice)
    if not engages:
        change = calculer_connu_le(contexte, session, declaration, structure, instant.date())[1].droit_centimes
        return () if change == avant.montant_centimes else (A_RECALCULER.format(etape=declaration.etape),)
    lot = lot_en_attente(session, structure.id or 0, declaration.exercice)
    if lot is not None:
        return (EN_LOT.format(lot=lot),)
    compose, _ = composer_droit(contexte, session, declaration, structure, instant)
    est_nouveau = not compose.payable or compose.montant_centimes != avant.montant_centimes
    apres = compose if est_nouveau else avant
    reglement = AReglement(declaration, structure, partenaire, apres, engages[-1].etape, NatureVersement.RAPPEL)
    prevue = prevoir(contexte, session, reglement, instant.date())
    if prevue.motifs:
        return prevue.motifs
    ligne = _ligne(reglement, avant, prevue, compose)
    if ligne.difference_centimes:
        _, alors = calculer_connu_le(contexte, session, declaration, structure, avant.connu_le)
        ligne = replace(ligne, hors_bareme=alors.droit_centimes != avant.montant_centimes)
    return _Cas(ligne, reglement, est_nouveau)


def _reprise(session: Session, structure: Structure, exercice: int) -> tuple[str, ...]:
    """Say that what was paid rests on no right computed here; nothing when nothing was paid."""
    connus = versements_de_la_structure(session, structure.id or 0, exercice)
    repris = bool(connus) and all(v.etat is EtatVersement.REPRISE for v in connus)
    return (REPRISE,) if repris else ()


def _ligne(reglement: AReglement, avant: Droit, prevue: Prevision, compose: Droit) -> LigneRappel:
    declaration, structure = reglement.declaration, reglement.structure
    valables = [v.calcul for v in prevue.connus if v.calcul and v.etat is not EtatVersement.ANNULE]
    cites = [*avant.explication["parametres"], *(valables[-1]["parametres"] if valables else [])]
    return LigneRappel(
        structure=structure.code,
        nom=structure.nom,
        gestionnaire=reglement.partenaire.nom,
        prestation=declaration.prestation,
        exercice=declaration.exercice,
        nature=declaration.nature,
        etape=reglement.etape,
        droit=avant.id or 0,
        connu_avant=avant.connu_le,
        avant_centimes=avant.montant_centimes or 0,
        apres_centimes=reglement.droit.montant_centimes or 0,
        regle_centimes=sum(e.signe for e in prevue.ecritures if e.est_engagee),
        ouverts_centimes=sum(e.signe for e in prevue.ecritures if e.est_ouverte),
        cible_centimes=prevue.cible_centimes,
        ecriture=prevue.suite.nature if prevue.suite.montant_centimes else None,
        montant_centimes=prevue.suite.montant_centimes,
        remplace=prevue.suite.remplace_les_ouverts,
        mouvements=comparer_citations(cites, [*compose.explication["parametres"], *prevue.calcul["parametres"]]),
        hors_bareme=False,
    )


def _ecrire(
    contexte: Contexte,
    session: Session,
    liste: ListeRappels,
    cas: Sequence[_Cas],
    par: str,
    motif: str,
    instant: datetime,
) -> BilanRappels:
    dus, etapes, empreinte = BilanDus(), set(), liste.empreinte
    for un in cas:
        if un.est_nouveau:
            enregistrer_droit(session, un.reglement.droit, un.reglement.structure)
        motifs, versement = regler(contexte, session, un.reglement, instant)
        if motifs:
            raise ActeRefuse(LISTE_CHANGEE)
        if versement is not None:
            dus.compter(versement.nature, versement.montant_centimes)
            etapes.add(versement.etape)
            inscrire(session, le=instant, par=par, objet="versement", objet_id=versement.reference, action="rappeler",
                     motif=motif, details={"liste": empreinte})  # fmt: skip
    inscrire(
        session,
        le=instant,
        par=par,
        objet=OBJET,
        objet_id=empreinte,
        action=CONFIRMER,
        motif=motif,
        details={
            "etapes": sorted(etapes),
            "exercices": liste.exercices,
            "prestations": liste.prestations,
            "droits": sum(un.est_nouveau for un in cas),
            "a_payer_centimes": liste.a_payer_centimes,
            "a_recouvrer_centimes": liste.a_recouvrer_centimes,
        },
    )
    return BilanRappels(empreinte, sum(un.est_nouveau for un in cas), dus, tuple(sorted(etapes)))

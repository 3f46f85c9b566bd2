"""From grids to typed declarations, many at once: identity, French reading, contract, controls, located anomalies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from regles.anomalies import Anomalie, Constat, Severite
from regles.calendrier import Etape
from regles.champs import Champ, Formulaire
from regles.controles import REPONSE_MANQUANTE, BaremeDuJour, Dossier, controler
from regles.controles.dossier import Valeur
from regles.formulaire import COLONNE_SAISIE, FEUILLE_IDENTITE, PlanClasseur, Reperage, plan, reperer
from regles.grille import Grille, adresse
from schemas.declarations.contrat import verifier_contrat
from schemas.declarations.identite import (
    ChoixEtape,
    Identite,
    Referentiel,
    choisir_etape,
    lire_identite,
    verifier_identite,
)
from schemas.declarations.lecture_fr import Refus, ValeurLue, lire_cellule


@dataclass(frozen=True, slots=True)
class FichierLu:
    """A file received and examined on two days (Paris): its grid, or the anomaly that says why it could not be read."""

    nom: str
    recu_le: date
    instruit_le: date
    grille: Grille | None
    refus: Anomalie | None = None


@dataclass(frozen=True, slots=True)
class Resultat:
    """What was found in a file. `valeurs`: the answers that stand, by field key, the Caf's own included.

    `etape` is the step it answers, if any; `trop_tot`: before its opening; `en_retard`: after its limit;
    `hors_delai`: after its closing.
    """

    nom: str
    illisible: bool
    identite: Identite
    etape: Etape | None
    trop_tot: bool
    en_retard: bool
    hors_delai: bool
    formulaire: Formulaire | None
    valeurs: Mapping[str, Valeur]
    anomalies: tuple[Anomalie, ...]

    @property
    def est_recevable(self) -> bool:
        """Whether it may become a declaration: read whole, no blocking anomaly."""
        return not self.illisible and not any(a.est_bloquante for a in self.anomalies)

    @property
    def identite_sure(self) -> bool:
        """Whether its anomalies may be told to the structure it names: nothing says that it is another partner's."""
        return bool(self.identite.structure) and not any(
            a.code in {"structure_inconnue", "identite_modifiee"} for a in self.anomalies
        )

    @property
    def donnees(self) -> dict[str, int | bool | str]:
        """The answers and totals as JSON values: integers, booleans, decimal texts; never a float."""
        if self.formulaire is None:
            return {}
        valeurs = dict(self.valeurs)
        for total in self.formulaire.totaux:
            parts = [valeurs.get(cle) for cle in total.somme_de]
            connues = [p for p in parts if isinstance(p, Decimal)]
            if len(connues) == len(parts):
                valeurs[total.cle] = sum(connues, Decimal(0))
        return {cle: en_json(valeur) for cle, valeur in valeurs.items()}


def en_json(valeur: Valeur) -> int | bool | str:
    """Write a value for JSON: a Decimal as a plain decimal text without useless zeros."""
    return f"{valeur.normalize():f}" if isinstance(valeur, Decimal) else valeur


def depuis_json(formulaire: Formulaire, donnees: Mapping[str, int | bool | str]) -> dict[str, Valeur]:
    """Read stored answers back into typed values; keys that the form does not have are left aside."""
    cles = {c.cle for c in formulaire.champs}
    decimaux = {c.cle for c in formulaire.champs if c.decimales}
    return {
        cle: Decimal(valeur) if cle in decimaux and isinstance(valeur, str) else valeur
        for cle, valeur in donnees.items()
        if cle in cles
    }


@dataclass(slots=True)
class _Examen:
    """One file under way. `refuses`: the fields that already have their anomaly."""

    fichier: FichierLu
    formulaire: Formulaire
    reperage: Reperage
    identite: Identite
    choix: ChoixEtape
    lues: dict[str, ValeurLue | None] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    valeurs: dict[str, Valeur] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)

    @property
    def plan(self) -> PlanClasseur:
        return _plan(self.formulaire)


@lru_cache
def _plan(formulaire: Formulaire) -> PlanClasseur:
    return plan(formulaire)


def verifier_fichiers(fichiers: Sequence[FichierLu], referentiel: Referentiel) -> list[Resultat]:
    """Verify a batch: each file gets its own result, in the order given; the contract is checked once a form.

    Every anomaly has its sheet and cell (the file as a whole: neither), sorted by sheet, row, then weight.
    """
    resultats: list[Resultat | None] = [None] * len(fichiers)
    examens: dict[int, _Examen] = {}
    for rang, fichier in enumerate(fichiers):
        examen = _examiner(fichier, referentiel)
        if isinstance(examen, Resultat):
            resultats[rang] = examen
        else:
            examens[rang] = examen
    for formulaire in {e.formulaire for e in examens.values()}:
        _appliquer_contrat(formulaire, [e for e in examens.values() if e.formulaire == formulaire])
    for rang, examen in examens.items():
        _controler(examen, referentiel)
        resultats[rang] = _conclure(examen)
    return [r for r in resultats if r is not None]


def _examiner(fichier: FichierLu, referentiel: Referentiel) -> _Examen | Resultat:
    if fichier.grille is None or fichier.refus is not None:
        refus = fichier.refus or Anomalie("fichier_illisible", Severite.BLOQUANTE, "Ce fichier n'a pas pu être lu.")
        return _sans_lecture(fichier, Identite(), refus, illisible=True)
    premier = next(iter(referentiel.formulaires.values()))
    if FEUILLE_IDENTITE not in fichier.grille.feuilles:
        message = (
            f"La feuille « {FEUILLE_IDENTITE} » est absente : ce fichier n'est pas le classeur envoyé par la Caf, "
            "ou il a été enregistré en partie."
        )
        refus = Anomalie("classeur_etranger", Severite.BLOQUANTE, message, attendu="le classeur envoyé par la Caf")
        return _sans_lecture(fichier, Identite(), refus, illisible=True)
    identite = lire_identite(reperer(fichier.grille, _plan(premier)))
    formulaire = referentiel.formulaires.get(identite.prestation, premier)
    reperage = reperer(fichier.grille, _plan(formulaire))
    choix = choisir_etape(reperage, identite, (fichier.recu_le, fichier.instruit_le), referentiel)
    examen = _Examen(fichier, formulaire, reperage, identite, choix)
    examen.anomalies += verifier_identite(reperage, identite, formulaire, referentiel)
    if choix.anomalie is not None:
        examen.anomalies.append(choix.anomalie)
    structure = referentiel.structures.get(identite.structure)
    if structure is not None:
        examen.valeurs.update(structure.valeurs)
    _lire(examen)
    return examen


def _sans_lecture(fichier: FichierLu, identite: Identite, refus: Anomalie, *, illisible: bool) -> Resultat:
    return Resultat(fichier.nom, illisible, identite, None, False, False, False, None, {}, (refus,))


def _ligne_absente(champ: Champ) -> Anomalie:
    message = f"La ligne « {champ.libelle} » n'est plus dans la feuille : repartez du classeur envoyé par la Caf."
    return Anomalie("ligne_absente", Severite.BLOQUANTE, message, champ.feuille, "", champ.cle)


def _lire(examen: _Examen) -> None:
    """Read every cell; missing sheets and repeated keys get one anomaly, and their fields no other."""
    for feuille in examen.reperage.feuilles_absentes:
        message = f"La feuille « {feuille} » est absente : repartez du classeur envoyé par la Caf."
        examen.anomalies.append(Anomalie("feuille_absente", Severite.BLOQUANTE, message, feuille))
    for feuille, cle in examen.reperage.cles_repetees:
        message = "Cette ligne figure deux fois dans la feuille : gardez-en une seule."
        lignes = examen.reperage.identite if feuille == FEUILLE_IDENTITE else examen.reperage.champs
        emplacement = lignes[cle]
        examen.anomalies.append(
            Anomalie("ligne_repetee", Severite.BLOQUANTE, message, feuille, emplacement.cellule, cle)
        )
        examen.refuses.add(cle)
    for champ in examen.formulaire.champs_saisis:
        if champ.feuille in examen.reperage.feuilles_absentes:
            examen.refuses.add(champ.cle)
        if champ.cle in examen.refuses:
            continue
        emplacement = examen.reperage.champs[champ.cle]
        if emplacement.est_absente:
            examen.anomalies.append(_ligne_absente(champ))
            examen.refuses.add(champ.cle)
            continue
        lu = lire_cellule(champ, emplacement.valeur, emplacement.erreur)
        if isinstance(lu, Refus):
            constat = Constat(lu.code, Severite.BLOQUANTE, (champ.cle,), lu.message, lu.lu, lu.attendu)
            examen.anomalies.append(_situer(examen, constat))
            examen.refuses.add(champ.cle)
        else:
            examen.lues[champ.cle] = lu


def _appliquer_contrat(formulaire: Formulaire, examens: Sequence[_Examen]) -> None:
    for examen, fautes in zip(examens, verifier_contrat(formulaire, [e.lues for e in examens]), strict=True):
        nouvelles = {cle: faute for cle, faute in fautes.items() if cle not in examen.refuses}
        examen.anomalies += [_situer(examen, faute) for faute in nouvelles.values()]
        examen.valeurs |= {cle: lu for cle, lu in examen.lues.items() if lu is not None and cle not in nouvelles}


def _controler(examen: _Examen, referentiel: Referentiel) -> None:
    """Run the controls; an answer already refused at its cell is not said missing a second time."""
    seuils = referentiel.seuils[examen.formulaire.prestation]
    exercice = examen.identite.exercice
    if exercice is None or not 2000 <= exercice <= 2100:
        return
    etape = examen.choix.etape
    bareme = referentiel.bareme
    dossier = Dossier(
        examen.formulaire,
        exercice,
        examen.valeurs,
        referentiel.comparaisons(examen.identite, "" if etape is None else etape.id),
        referentiel.conditions.get(examen.identite.structure, {}),
        None if bareme is None else BaremeDuJour(bareme, examen.fichier.instruit_le),
        examen.identite.nature,
    )
    refuses = {anomalie.champ for anomalie in examen.anomalies if anomalie.est_bloquante}
    examen.anomalies += [
        _situer(examen, constat)
        for constat in controler(dossier, seuils)
        if constat.code != REPONSE_MANQUANTE or constat.champs[0] not in refuses
    ]


def _situer(examen: _Examen, constat: Constat) -> Anomalie:
    """Place a finding at the cell of its first field, or of its total; without any, it is about the whole file."""
    cle = constat.champs[0] if constat.champs else ""
    emplacement = examen.reperage.champs.get(cle)
    if emplacement is not None:
        feuille, cellule = emplacement.feuille, emplacement.cellule
    else:
        feuille, cellule = _cellule_du_total(examen, cle)
    return Anomalie(constat.code, constat.severite, constat.message, feuille, cellule, cle, constat.lu, constat.attendu)


def _cellule_du_total(examen: _Examen, cle: str) -> tuple[str, str]:
    for total in examen.plan.totaux:
        if total.cle == cle:
            return total.feuille, adresse(total.ligne, COLONNE_SAISIE)
    return "", ""


def _conclure(examen: _Examen) -> Resultat:
    etape = examen.choix.etape
    limite = None if etape is None else etape.limite
    ordre = ["", FEUILLE_IDENTITE, *examen.plan.feuilles]
    lignes = {e.cellule: e.ligne for e in (*examen.reperage.identite.values(), *examen.reperage.champs.values())}
    severites = list(Severite)

    def rang(anomalie: Anomalie) -> tuple[int, int, int]:
        ligne = lignes.get(anomalie.cellule, 0 if not anomalie.cellule else 10_000)
        return ordre.index(anomalie.feuille), ligne, severites.index(anomalie.severite)

    return Resultat(
        nom=examen.fichier.nom,
        illisible=False,
        identite=examen.identite,
        etape=etape,
        trop_tot=examen.choix.trop_tot,
        en_retard=limite is not None and examen.fichier.recu_le > limite,
        hors_delai=examen.choix.hors_delai,
        formulaire=examen.formulaire,
        valeurs=examen.valeurs,
        anomalies=tuple(sorted(examen.anomalies, key=rang)),
    )

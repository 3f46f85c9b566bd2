"""A right computed on request, the barèmes listed, compared and confirmed, as plain JSON values. No database."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from regles.anomalies import Constat, Severite
from regles.baremes import Bareme, DefinitionParametre, ErreurDeBareme, ParametreInconnu, Statut, ValeurDatee
from regles.calcul import calculer_droit
from regles.comparaison import Ecart, comparer
from regles.monnaie import arrondir, arrondir_au_centime, typographier
from regles.trace import Droit, Ligne
from schemas.calcul import DemandeCalcul
from schemas.configuration.confirmations import Confirmation, ajouter_confirmation
from schemas.configuration.reglages import Reglages

SOURCE_ABSENTE = "aucune : à saisir par la Caf"


def calculer(bareme: Bareme, demande: DemandeCalcul, parametres: Mapping[str, str], connu_le: date) -> Droit:
    """Compute a request as known on `connu_le`, with typed `parametres` that make it a simulation.

    Raises:
        FormuleAbsente: no formula for this prestation and exercice.
        ErreurDeBareme: an unknown parameter, or a value of the wrong kind.
    """
    if parametres:
        bareme = bareme.simuler(parametres)
    return calculer_droit(demande.prestation, demande.nature, demande.exercice, demande.donnees, bareme, connu_le)


def expliquer(droit: Droit, *, connu_le: date) -> dict[str, Any]:
    """Give a right with its whole trace as JSON values: amounts in cents, exact numbers as texts, dates in ISO form.

    `payable` counts demonstration values as sure, because a barème holds some in demonstration mode only; the
    `demonstration` key then says that nothing of it is real.
    """
    demonstration = any(p.statut is Statut.DEMONSTRATION for p in droit.parametres)
    definitions = {d.cle: d for d in droit.definitions}
    return {
        "prestation": droit.prestation,
        "nature": droit.nature,
        "exercice": droit.exercice,
        "connu_le": connu_le.isoformat(),
        "droit_centimes": droit.droit_centimes,
        "partiel_centimes": arrondir_au_centime(droit.partiel),
        "payable": droit.est_payable(demonstration=demonstration),
        "simulation": bool(droit.a_confirmer),
        "demonstration": demonstration,
        "motifs": _motifs(droit, definitions),
        "lignes": [_ligne(ligne) for ligne in droit.lignes],
        "parametres": [
            *(_cite(v, definitions[v.cle], droit.exercice) for v in droit.parametres),
            *(_manquant(definitions[cle]) for cle in droit.manquants),
        ],
        "anomalies": [_anomalie(c) for c in droit.constats],
    }


def lister_baremes(bareme: Bareme, exercice: int | None = None) -> list[dict[str, Any]]:
    """Give every dated value, in the order of the dictionary of parameters, or those of one exercice."""
    rangs = {cle: rang for rang, cle in enumerate(bareme.definitions)}
    retenues = [v for v in bareme.valeurs if exercice is None or v.du.year <= exercice <= v.au.year]
    retenues.sort(key=lambda v: (rangs[v.cle], v.du, v.connu_le))
    return [
        {**_parametre(v, bareme.definitions[v.cle]), "prestation": bareme.definitions[v.cle].prestation}
        for v in retenues
    ]


def comparer_baremes(bareme: Bareme, avant: int, apres: int, connu_le: date) -> list[dict[str, Any]]:
    """Give what moved from one exercice to another, as known that day: numbers as texts, `variation` a ratio.

    Raises:
        ErreurDeBareme: an exercice without any value.
    """
    return [_ecart(ecart, bareme.definitions[ecart.cle]) for ecart in comparer(bareme, avant, apres, connu_le)]


def lister_manques(bareme: Bareme, connu_le: date, exercice: int | None = None) -> list[dict[str, Any]]:
    """Give what the team must still enter or confirm, for each exercice a parameter exists in: by prestation."""
    existants = {(v.cle, v.du.year): v for v in bareme.valeurs if v.du.year == v.au.year}
    rangs = {cle: rang for rang, cle in enumerate(bareme.definitions)}
    manques = []
    for cle, annee in sorted(existants, key=lambda couple: (rangs[couple[0]], couple[1])):
        if exercice not in {None, annee}:
            continue
        definition = bareme.definitions[cle]
        valeur = _connue(bareme, cle, annee, connu_le)
        if valeur is None or valeur.statut is Statut.A_CONFIRMER:
            manques.append(
                {
                    "prestation": definition.prestation,
                    "cle": cle,
                    "libelle": definition.libelle,
                    "unite": definition.unite,
                    "exercice": annee,
                    "manque": "a_saisir" if valeur is None else "a_confirmer",
                    "valeur": None if valeur is None else valeur.texte,
                    "source": (valeur or existants[cle, annee]).source,
                }
            )
    prestations = list(dict.fromkeys(d.prestation for d in bareme.definitions.values()))
    return sorted(manques, key=lambda manque: prestations.index(manque["prestation"]))


def _connue(bareme: Bareme, cle: str, exercice: int, connu_le: date) -> ValeurDatee | None:
    try:
        return bareme.valeur(cle, exercice, connu_le)
    except ParametreInconnu:
        return None


def _ecart(ecart: Ecart, definition: DefinitionParametre) -> dict[str, Any]:
    def nombre(valeur: Fraction | None) -> str | None:
        return None if valeur is None else ecrire_exact(valeur)[0]

    return {
        "cle": ecart.cle,
        "libelle": definition.libelle,
        "unite": definition.unite,
        "prestation": definition.prestation,
        "mouvement": str(ecart.mouvement),
        "avant": None if ecart.avant is None else ecart.avant.texte,
        "apres": None if ecart.apres is None else ecart.apres.texte,
        "difference": nombre(ecart.difference),
        "variation": nombre(ecart.variation),
        "statut_avant": None if ecart.avant is None else str(ecart.avant.statut),
        "statut_apres": None if ecart.apres is None else str(ecart.apres.statut),
    }


def confirmer(
    reglages: Reglages, bareme: Bareme, cle: str, exercice: int, par: str, source: str, jour: date
) -> Confirmation:
    """Record that a person of the team read a value « à confirmer » in a source and holds it for right.

    Raises:
        ErreurDeBareme: in demonstration, for someone who may not validate, without a source, for an unknown key, a
            value already sure, or one that is unknown and must be entered first.
        ErreurDeConfiguration: when the confirmation cannot be written.
    """
    if reglages.demonstration:
        raise ErreurDeBareme("La démonstration n'enregistre aucune confirmation : ses valeurs sont inventées.")
    habilites = {personne.identifiant for personne in reglages.fichier.equipe if "valider" in personne.peut}
    if par not in habilites:
        raise ErreurDeBareme(f"« {par} » n'est pas une personne de l'équipe qui peut valider (config/reglages.yaml).")
    if not source.strip():
        raise ErreurDeBareme("Dire d'où vient la confirmation : un texte officiel, sa page, sa date.")
    valeur = _a_confirmer(bareme, cle, exercice, jour)
    confirmation = Confirmation(cle=cle, exercice=exercice, valeur=valeur.texte or "", par=par, le=jour, source=source)
    ajouter_confirmation(reglages.config / "baremes", confirmation)
    return confirmation


def _a_confirmer(bareme: Bareme, cle: str, exercice: int, jour: date) -> ValeurDatee:
    try:
        valeur = bareme.valeur(cle, exercice, jour)
    except ParametreInconnu:
        fichier = Path("baremes") / f"{exercice}.yaml"
        raise ErreurDeBareme(
            f"{cle} est inconnu pour {exercice} : sa valeur se saisit d'abord dans {fichier}."
        ) from None
    if valeur.statut is not Statut.A_CONFIRMER:
        raise ErreurDeBareme(f"{cle} n'attend pas de confirmation pour {exercice} (statut : {valeur.statut}).")
    return valeur


def ecrire_exact(valeur: Fraction) -> tuple[str, str | None]:
    """Write a number as a decimal text; when no finite one exists, six places and the exact fraction « n/d »."""
    reste, deux, cinq = valeur.denominator, 0, 0
    while reste % 2 == 0:
        reste, deux = reste // 2, deux + 1
    while reste % 5 == 0:
        reste, cinq = reste // 5, cinq + 1
    if reste == 1:
        return f"{arrondir(valeur, max(deux, cinq)):f}", None
    return f"{arrondir(valeur, 6):f}", f"{valeur.numerator}/{valeur.denominator}"


def _ligne(ligne: Ligne) -> dict[str, Any]:
    texte, fraction = (None, None) if ligne.valeur is None else ecrire_exact(ligne.valeur)
    exacte = {} if fraction is None else {"valeur_exacte": fraction}
    return {
        "code": ligne.code,
        "libelle": ligne.libelle,
        "operation": typographier(ligne.operation),
        "valeur": texte,
        **exacte,
        "unite": ligne.unite,
        "parametres": list(ligne.parametres),
        "manquants": list(ligne.manquants),
    }


def _parametre(valeur: ValeurDatee, definition: DefinitionParametre) -> dict[str, Any]:
    return {
        "cle": valeur.cle,
        "libelle": definition.libelle,
        "valeur": valeur.texte,
        "unite": definition.unite,
        "statut": str(valeur.statut),
        "source": valeur.source,
        "du": _jour(valeur.du),
        "au": _jour(valeur.au),
        "connu_le": _jour(valeur.connu_le),
        **({"confirme_par": valeur.confirme_par, "confirme_le": _jour(valeur.connu_le)} if valeur.confirme_par else {}),
    }


def _cite(valeur: ValeurDatee, definition: DefinitionParametre, exercice: int) -> dict[str, Any]:
    """Describe a value a right rests on; `reconduite_de` is there when it is the one of an earlier exercice."""
    annee = valeur.reconduite_de(exercice)
    return _parametre(valeur, definition) | ({} if annee is None else {"reconduite_de": annee})


def _manquant(definition: DefinitionParametre) -> dict[str, Any]:
    return {
        "cle": definition.cle,
        "libelle": definition.libelle,
        "valeur": None,
        "unite": definition.unite,
        "statut": str(Statut.INCONNU),
        "source": SOURCE_ABSENTE,
        "du": None,
        "au": None,
        "connu_le": None,
    }


def _jour(jour: date) -> str | None:
    """Write a date, or nothing for the ends of time that typed and invented values carry."""
    return None if jour in {date.min, date.max} else jour.isoformat()


def _anomalie(constat: Constat) -> dict[str, Any]:
    return {
        "code": constat.code,
        "severite": str(constat.severite),
        "champs": list(constat.champs),
        "message": typographier(constat.message),
        "lu": constat.lu,
        "attendu": constat.attendu,
    }


_RAISONS: Mapping[Statut, str] = {
    Statut.A_CONFIRMER: "valeur à confirmer",
    Statut.SIMULE: "valeur saisie pour cette simulation",
    Statut.INCONNU: "valeur inconnue, à saisir par la Caf",
}


def _motifs(droit: Droit, definitions: Mapping[str, DefinitionParametre]) -> list[str]:
    """Say why a right is not payable: blocking findings first, then each doubtful or missing parameter."""
    statuts = {p.cle: p.statut for p in droit.parametres}
    bloquants = [c.message for c in droit.constats if c.severite is Severite.BLOQUANTE]
    douteux = [
        f"{definitions[cle].libelle} ({cle}) : {_RAISONS[statuts.get(cle, Statut.INCONNU)]}."
        for cle in droit.a_confirmer
    ]
    return [typographier(motif) for motif in (*bloquants, *douteux)]

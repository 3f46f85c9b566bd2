"""The report of a verification, in French: for the terminal, as JSON, and in one sentence for a mail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from regles.anomalies import Anomalie, Severite

FICHIER = "fichier_"  # prefix of the codes of a file that could not be read at all

TITRES = {
    "autre_structure": "Classeur d'une autre structure",
    "budget_desequilibre": "Charges et produits ne s'équilibrent pas",
    "campagne_close": "Campagne close",
    "campagne_inconnue": "Aucune campagne ne correspond",
    "campagne_pas_ouverte": "Campagne pas encore ouverte",
    "capacite_atteinte": "Plus d'heures que la capacité",
    "cellule_en_erreur": "Formule en erreur",
    "charges_sans_etp": "Charges sans équivalent temps plein",
    "classeur_etranger": "Pas le classeur de la Caf",
    "contributions_inegales": "Comptes 86 et 87 différents",
    "cout_au_dessus_du_plafond": "Coût au-dessus du plafond",
    "cout_en_forte_variation": "Coût très différent de l'année précédente",
    "cout_improbable": "Coût très loin du plafond",
    "date_inattendue": "Date au lieu d'un nombre",
    "donnee_inutilisable": "Réponse inutilisable pour le droit",
    "donnee_manquante": "Réponse manquante",
    "droit_ramene_a_zero": "Participations au-delà du financement",
    "enfants_handicap_trop_nombreux": "Part plus grande que son total",
    "entier_attendu": "Nombre entier attendu",
    "feuille_absente": "Feuille absente",
    "formule_non_calculee": "Formule non calculée",
    "heures_facturees_nulles": "Aucune heure facturée",
    "heures_realisees_nulles": "Aucune heure réalisée",
    "heures_toutes_exceptionnelles": "Heures saisies dans la mauvaise case",
    "horaire_inattendu": "Horaire au lieu d'un nombre d'heures",
    "hors_limites": "Valeur hors limites",
    "identite_modifiee": "Identité modifiée",
    "journees_pedagogiques_plafonnees": "Journées pédagogiques au-delà du maximum",
    "jours_ouverture_trop_nombreux": "Trop de jours d'ouverture",
    "ligne_absente": "Ligne absente",
    "ligne_repetee": "Ligne en double",
    "mercredi_hors_periscolaire": "Mercredi hors périscolaire",
    "mercredi_plafonne": "Heures du mercredi au-delà des plafonds",
    "nombre_ambigu": "Nombre à double sens",
    "nombre_mal_ecrit": "Nombre mal écrit",
    "oui_non_attendu": "Oui ou Non attendu",
    "part_superieure_au_total": "Part plus grande que son total",
    "rapport_improbable": "Rapport inhabituel entre deux réponses",
    "reponse_manquante": "Réponse manquante",
    "salaires_sans_etp": "Salaires sans équivalent temps plein",
    "socle_nul": "Participations au-delà du financement",
    "somme_superieure_au_total": "Parts plus grandes que leur total",
    "structure_inconnue": "Structure inconnue",
    "taux_facturation_bas": "Taux de facturation bas",
    "taux_facturation_eleve": "Taux de facturation élevé",
    "taux_facturation_tres_eleve": "Taux de facturation très élevé",
    "texte_inattendu": "Texte au lieu d'un nombre",
    "trop_de_decimales": "Trop de décimales",
    "unite_inattendue": "Unité inattendue",
    "valeur_caf_modifiee": "Valeur tenue par la Caf",
    "variation": "Écart avec une déclaration précédente",
    "version_perimee": "Ancienne version du formulaire",
}
_MARQUES = {Severite.BLOQUANTE: "À CORRIGER", Severite.ALERTE: "À VÉRIFIER", Severite.INFORMATION: "À SAVOIR"}


def titre(code: str) -> str:
    """Give the short French title of an anomaly."""
    if code.startswith(FICHIER):
        return "Fichier refusé"
    return TITRES.get(code, code.replace("_", " ").capitalize())


def compter(anomalies: Iterable[Anomalie]) -> tuple[int, int, int]:
    """Count the blocking anomalies, the alerts and the notices."""
    severites = [a.severite for a in anomalies]
    bloquantes, alertes, informations = (severites.count(s) for s in Severite)
    return bloquantes, alertes, informations


def resumer(anomalies: Sequence[Anomalie]) -> str:
    """Say the whole in one sentence, such as « 2 points à corriger et 1 point à vérifier »."""
    bloquantes, alertes, informations = compter(anomalies)
    morceaux = [
        f"{nombre} point{'s' if nombre > 1 else ''} {verbe}"
        for nombre, verbe in ((bloquantes, "à corriger"), (alertes, "à vérifier"), (informations, "à savoir"))
        if nombre
    ]
    if not morceaux:
        return "Aucune anomalie."
    *debut, fin = morceaux
    return f"{', '.join(debut)} et {fin}." if debut else f"{fin}."


def lieu(anomalie: Anomalie, question: str = "") -> str:
    """Say where: « Activité, cellule C12 », with the words of the question if known, or the file as a whole."""
    if not anomalie.feuille:
        return "le fichier"
    case = f"{anomalie.feuille}, cellule {anomalie.cellule}" if anomalie.cellule else anomalie.feuille
    return f"{case}, « {question} »" if question else case


def en_texte(nom: str, anomalies: Sequence[Anomalie], questions: Mapping[str, str]) -> str:
    """Write the report for a terminal: one block per anomaly, in the order given. `questions`: their words, by key."""
    lignes = [f"{nom} : {resumer(anomalies)}"]
    for anomalie in anomalies:
        ou = lieu(anomalie, questions.get(anomalie.champ, ""))
        lignes += ["", f"{_MARQUES[anomalie.severite]}  {ou} : {titre(anomalie.code)}"]
        lignes.append(f"    {anomalie.message}")
        if anomalie.lu:
            lignes.append(f"    Lu : {anomalie.lu}")
        if anomalie.attendu:
            lignes.append(f"    Attendu : {anomalie.attendu}")
    return "\n".join(lignes)


def en_valeurs(anomalie: Anomalie) -> dict[str, str]:
    """Give an anomaly as plain values, for JSON and for the template of a mail."""
    return {
        "code": anomalie.code,
        "titre": titre(anomalie.code),
        "severite": anomalie.severite.value,
        "feuille": anomalie.feuille,
        "cellule": anomalie.cellule,
        "champ": anomalie.champ,
        "message": anomalie.message,
        "lu": anomalie.lu,
        "attendu": anomalie.attendu,
    }


def en_json(nom: str, identite: dict[str, Any], anomalies: Sequence[Anomalie]) -> dict[str, Any]:
    """Give the report as a JSON object: file, identity, counts, anomalies."""
    bloquantes, alertes, informations = compter(anomalies)
    return {
        "fichier": nom,
        **identite,
        "resume": resumer(anomalies),
        "bloquantes": bloquantes,
        "alertes": alertes,
        "informations": informations,
        "anomalies": [en_valeurs(a) for a in anomalies],
    }

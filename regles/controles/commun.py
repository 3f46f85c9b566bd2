"""Controls that hold for every prestation: parts of a total, and variations against the references."""

from collections.abc import Iterator

from regles.anomalies import Constat, Severite
from regles.controles.dossier import Dossier, Reference, Seuils, Variation, ecrire, ecrire_pourcent
from regles.monnaie import exact, formater_mesure


def controler_parts(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:  # noqa: ARG001
    """Refuse a « dont » that exceeds the total it is a part of (rules of the declared data: always included)."""
    for champ in dossier.formulaire.champs:
        if champ.dont_de and (lus := dossier.nombres(champ.cle, champ.dont_de)) is not None:
            part, total = lus
            if part > total:
                libelle = dossier.formulaire.champ(champ.dont_de).libelle
                yield Constat(
                    "part_superieure_au_total",
                    Severite.BLOQUANTE,
                    (champ.cle, champ.dont_de),
                    f"Cette part est plus grande que le total « {libelle} », où elle est comprise.",
                    ecrire(part, champ.unite),
                    f"au plus {ecrire(total, champ.unite)}",
                )


def controler_variations(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert on each figure that moves too far from a reference; a field with two faults gets one alert a reference."""
    for variation in seuils.variations:
        reponses = dossier.references.get(variation.reference)
        if reponses is not None:
            passe = Dossier(dossier.formulaire, dossier.exercice, reponses)
            yield from _comparer(dossier, passe, variation)


def _comparer(dossier: Dossier, passe: Dossier, variation: Variation) -> Iterator[Constat]:
    lu, reference = dossier.nombre(variation.cle), passe.nombre(variation.cle)
    if lu is None or reference is None:
        return
    ecart = lu - reference
    seuil = exact(variation.seuil)
    if abs(ecart) <= exact(variation.ecart_minimal) or abs(ecart) <= seuil * abs(reference):
        return
    definition = dossier.definition(variation.cle)
    if reference:
        mouvement = (
            f"{'augmente' if ecart > 0 else 'baisse'} de {formater_mesure(abs(ecart) / reference * 100, '%', 1)}"
        )
    else:
        mouvement = "était de 0"
    yield Constat(
        f"variation_{variation.reference}",
        Severite.ALERTE,
        (variation.cle,),
        f"« {definition.libelle} » {mouvement} par rapport {variation.reference.libelle} "
        f"({ecrire(reference, definition.unite)}) : vérifiez, ou expliquez cet écart.",
        ecrire(lu, definition.unite),
        _attendu(variation, ecrire(reference, definition.unite)),
    )


def _attendu(variation: Variation, reference: str) -> str:
    nom = "le prévisionnel" if variation.reference is Reference.PREVISIONNEL else "l'année précédente"
    return f"un écart d'au plus {ecrire_pourcent(exact(variation.seuil))} avec {nom} ({reference})"

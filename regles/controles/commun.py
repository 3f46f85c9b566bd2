"""Controls that hold for every prestation: parts, sums, ratios, the balance, variations against the references."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.controles.dossier import (
    Dossier,
    Rapport,
    Reference,
    Seuils,
    Variation,
    ecrire,
    ecrire_pourcent,
    enumerer,
)
from regles.monnaie import exact, formater_mesure

POURCENT = "%"


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


def controler_sommes(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Find the answers that together exceed the one that includes them, as grave as the configuration says."""
    for somme in seuils.sommes:
        parties, total = dossier.somme(somme.parties), dossier.nombre(somme.total)
        if parties is None or total is None or parties <= total:
            continue
        definition = dossier.definition(somme.total)
        yield Constat(
            "somme_superieure_au_total",
            somme.severite,
            (*somme.parties, somme.total),
            f"{_nommer(dossier, somme.parties)} dépassent ensemble « {definition.libelle} », où ces montants sont "
            "compris.",
            ecrire(parties, definition.unite),
            f"au plus {ecrire(total, definition.unite)}",
        )


def controler_rapports(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert on a ratio outside its bounds, both included; something over nothing is beyond any maximum."""
    for rapport in seuils.rapports:
        haut, bas = dossier.somme(rapport.numerateur), dossier.somme(rapport.denominateur)
        if haut is None or bas is None:
            continue
        if not bas:
            if haut and rapport.maximum is not None:
                yield _sans_denominateur(dossier, rapport, haut)
            continue
        valeur = haut / bas
        trop_peu = rapport.minimum is not None and valeur < exact(rapport.minimum)
        trop = rapport.maximum is not None and valeur > exact(rapport.maximum)
        if trop_peu or trop:
            lu = _ecrire_rapport(valeur, rapport.unite)
            champs = tuple(dict.fromkeys((*rapport.numerateur, *rapport.denominateur)))
            yield Constat(
                "rapport_improbable",
                Severite.ALERTE,
                champs,
                f"{rapport.libelle} : {lu}. C'est inhabituel : vérifiez {_nommer(dossier, champs)}, ou expliquez.",
                lu,
                _bornes(rapport),
            )


def _sans_denominateur(dossier: Dossier, rapport: Rapport, haut: Fraction) -> Constat:
    declares, nuls = _nommer(dossier, rapport.numerateur), _nommer(dossier, rapport.denominateur)
    return Constat(
        "rapport_improbable",
        Severite.ALERTE,
        (*rapport.denominateur, *rapport.numerateur),
        f"{nuls} vaut 0, alors que {declares} vaut {ecrire(haut, _unite(dossier, rapport.numerateur))} : vérifiez, ou "
        "expliquez.",
        ecrire(Fraction(0), _unite(dossier, rapport.denominateur)),
        f"{rapport.libelle} : {_bornes(rapport)}",
    )


def _unite(dossier: Dossier, champs: tuple[str, ...]) -> str:
    return dossier.definition(champs[0]).unite


def _nommer(dossier: Dossier, champs: tuple[str, ...]) -> str:
    return enumerer([f"« {dossier.definition(cle).libelle} »" for cle in champs])


def _ecrire_rapport(valeur: Fraction, unite: str) -> str:
    return ecrire_pourcent(valeur) if unite == POURCENT else ecrire(valeur, unite)


def _bornes(rapport: Rapport) -> str:
    minimum, maximum = (
        None if borne is None else _ecrire_rapport(exact(borne), rapport.unite)
        for borne in (rapport.minimum, rapport.maximum)
    )
    if minimum is None:
        return f"au plus {maximum}"
    return f"au moins {minimum}" if maximum is None else f"entre {minimum} et {maximum}"


def controler_contributions(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:  # noqa: ARG001
    """Refuse accounts 86 and 87 that differ: what is given in kind is both a charge and a produit."""
    charge, produit = dossier.champ_du_compte("86"), dossier.champ_du_compte("87")
    if charge is None or produit is None:
        return
    lus = dossier.nombres(charge.cle, produit.cle)
    if lus is not None and lus[0] != lus[1]:
        yield Constat(
            "contributions_inegales",
            Severite.BLOQUANTE,
            (produit.cle, charge.cle),
            "Les contributions volontaires en nature ont le même montant en charges (86) et en produits (87).",
            ecrire(lus[1], "€"),
            f"{ecrire(lus[0], '€')}, le montant du compte 86",
        )


def controler_equilibre(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert when produits and charges differ by more than a share of the charges (`equilibre.ecart`)."""
    lus, tolere = dossier.nombres("charges", "produits"), seuils.eventuel("equilibre.ecart")
    if lus is None or tolere is None:
        return
    charges, produits = lus
    ecart = produits - charges
    if abs(ecart) > tolere * charges:
        nom = "excédent" if ecart > 0 else "déficit"
        yield Constat(
            "budget_desequilibre",
            Severite.ALERTE,
            ("produits", "charges"),
            f"Les produits ({ecrire(produits, '€')}) et les charges ({ecrire(charges, '€')}) laissent un {nom} de "
            f"{ecrire(abs(ecart), '€')} : une ligne manque peut-être.",
            ecrire(produits, "€"),
            f"un écart d'au plus {ecrire_pourcent(tolere)} des charges",
        )


@dataclass(frozen=True, slots=True)
class _Ecart:
    """A move beyond its threshold: from `passe`, by `ecart`, both in the unit of the field."""

    reference: Reference
    seuil: Fraction
    passe: Fraction
    ecart: Fraction


def controler_variations(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert on each figure that moves too far from a reference: one alert a figure, which cites each of them.

    The same drift seen from three references is one question to the partner, not three.
    """
    for variation in seuils.variations:
        lu, ecarts = dossier.nombre(variation.cle), tuple(_ecarts(dossier, variation))
        if lu is None or not ecarts:
            continue
        definition = dossier.definition(variation.cle)
        yield Constat(
            "variation",
            Severite.ALERTE,
            (variation.cle,),
            f"« {definition.libelle} » {_mouvements(dossier, ecarts, definition.unite)} : vérifiez, ou expliquez cet "
            "écart.",
            ecrire(lu, definition.unite),
            _attendu(ecarts, definition.unite),
        )


def varie_de_n_1(dossier: Dossier, seuils: Seuils) -> frozenset[str]:
    """Give the figures that moved too far from the réel of the year before, already told."""
    return frozenset(v.cle for v in seuils.variations if any(e.reference is Reference.N_1 for e in _ecarts(dossier, v)))


def _ecarts(dossier: Dossier, variation: Variation) -> Iterator[_Ecart]:
    lu = dossier.nombre(variation.cle)
    for reference in Reference:
        autre, seuil = dossier.passe(reference), variation.seuils.get(reference)
        passe = None if autre is None else autre.nombre(variation.cle)
        if lu is None or seuil is None or passe is None:
            continue
        ecart = lu - passe
        if abs(ecart) > exact(variation.ecart_minimal) and abs(ecart) > exact(seuil) * abs(passe):
            yield _Ecart(reference, exact(seuil), passe, ecart)


def _mouvements(dossier: Dossier, ecarts: tuple[_Ecart, ...], unite: str) -> str:
    """Write each move, those of the same direction together: « baisse de 20 % par rapport au prévisionnel (…) »."""
    phrases = []
    for verbe, sens in (("augmente", 1), ("baisse", -1)):
        morceaux = [
            f"de {formater_mesure(abs(e.ecart) / abs(e.passe) * 100, POURCENT, 1)} par rapport "
            f"{e.reference.nommer(dossier.exercice)} ({ecrire(e.passe, unite)})"
            for e in ecarts
            if e.passe and e.ecart * sens > 0
        ]
        if morceaux:
            phrases.append(f"{verbe} {enumerer(morceaux)}")
    nuls = [e.reference.nommer(dossier.exercice) for e in ecarts if not e.passe]
    if nuls:
        phrases.append(f"valait 0 {enumerer(nuls)}")
    return enumerer(phrases)


def _attendu(ecarts: tuple[_Ecart, ...], unite: str) -> str:
    noms = {
        Reference.ACTUALISATION: "l'actualisation",
        Reference.PREVISIONNEL: "le prévisionnel",
        Reference.N_1: "l'année précédente",
    }
    tolerances = [
        f"d'au plus {ecrire_pourcent(e.seuil)} avec {noms[e.reference]} ({ecrire(e.passe, unite)})" for e in ecarts
    ]
    return f"un écart {enumerer(tolerances)}"

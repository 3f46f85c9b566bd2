"""What moves from one barème to the next, each kind of movement once."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from regles.baremes import Bareme, DefinitionParametre, ErreurDeBareme, Statut, ValeurDatee
from regles.comparaison import Ecart, Mouvement, comparer

LE = date(2026, 2, 8)
P, C, I = Statut.PUBLIE, Statut.A_CONFIRMER, Statut.INCONNU  # noqa: E741
Valeurs = dict[str, tuple[str | None, Statut]]


def bareme(avant: Valeurs, apres: Valeurs) -> Bareme:
    cles = sorted({*avant, *apres})
    definitions = [DefinitionParametre(cle, cle, "€", "decimal", "RPE") for cle in cles]
    valeurs = [
        ValeurDatee(
            cle, date(annee, 1, 1), date(annee, 12, 31), None if texte is None else Decimal(texte), statut, "essai",
            date(annee, 1, 1),
        )
        for annee, contenu in ((2025, avant), (2026, apres))
        for cle, (texte, statut) in contenu.items()
    ]  # fmt: skip
    return Bareme(definitions, valeurs)


def seul(avant: Valeurs, apres: Valeurs) -> Ecart:
    # « z » is there so that both exercices hold something.
    (ecart,) = comparer(bareme({"z": ("1", P), **avant}, {"z": ("1", P), **apres}), 2025, 2026, LE)
    return ecart


@pytest.mark.parametrize(
    ("avant", "apres", "mouvement", "difference", "variation"),
    [
        ({}, {"a": ("2", P)}, Mouvement.AJOUTE, None, None),
        ({}, {"a": (None, I)}, Mouvement.AJOUTE, None, None),
        ({"a": ("2", P)}, {}, Mouvement.RETIRE, None, None),
        ({"a": ("2000", P)}, {"a": ("2039", P)}, Mouvement.MODIFIE, Fraction(39), Fraction("0.0195")),
        ({"a": ("4.50", P)}, {"a": ("3.90", P)}, Mouvement.MODIFIE, Fraction("-0.6"), Fraction(-2, 15)),
        ({"a": ("0", P)}, {"a": ("3", P)}, Mouvement.MODIFIE, Fraction(3), None),
        ({"a": (None, I)}, {"a": ("3", P)}, Mouvement.DEVENU_CONNU, None, None),
        ({"a": ("3", P)}, {"a": (None, I)}, Mouvement.DEVENU_INCONNU, None, None),
        ({"a": ("3", P)}, {"a": ("3.0", C)}, Mouvement.CERTITUDE, Fraction(0), Fraction(0)),
    ],
)
def test_un_mouvement(
    avant: Valeurs, apres: Valeurs, mouvement: Mouvement, difference: Fraction | None, variation: Fraction | None
) -> None:
    ecart = seul(avant, apres)
    assert (ecart.cle, ecart.mouvement) == ("a", mouvement)
    assert (ecart.difference, ecart.variation) == (difference, variation)


@pytest.mark.parametrize("contenu", [("3", P), (None, I)])
def test_ce_qui_ne_bouge_pas_n_est_pas_dit(contenu: tuple[str | None, Statut]) -> None:
    assert comparer(bareme({"a": contenu}, {"a": contenu}), 2025, 2026, LE) == ()


def test_un_mot_change_sans_difference() -> None:
    definition = DefinitionParametre("a", "a", "", "texte", "RPE")
    valeurs = [
        ValeurDatee("a", date(annee, 1, 1), date(annee, 12, 31), mot, P, "essai", date(2025, 1, 1))
        for annee, mot in ((2025, "aucun"), (2026, "euro"))
    ]
    (ecart,) = comparer(Bareme([definition], valeurs), 2025, 2026, LE)
    assert (ecart.mouvement, ecart.difference, ecart.variation) == (Mouvement.MODIFIE, None, None)


def test_tel_que_connu_un_jour() -> None:
    essai = bareme({"a": ("2", P)}, {"a": ("3", P)})
    (ecart,) = comparer(essai, 2025, 2026, date(2025, 12, 31))
    assert ecart.mouvement is Mouvement.DEVENU_INCONNU


def test_un_exercice_sans_bareme_est_refuse() -> None:
    with pytest.raises(ErreurDeBareme, match="Aucun barème n'est enregistré pour l'exercice 2031"):
        comparer(bareme({"a": ("2", P)}, {}), 2025, 2031, LE)

"""The board as the sheets of a workbook: synthesis, what is to be done, by territory, by prestation, indicators."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from echanges.tableau import Colonne, Feuille, Valeur, classeur_du_tableau
from operations.contexte import Contexte
from operations.indicateurs import Indicateur
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.synthese import Groupe, Tableau, dresser
from regles.dates import en_chiffres
from regles.monnaie import arrondir, en_euros

A_FAIRE = (
    Colonne("Qui doit agir", 14), Colonne("Retard (jours)", 9, "nombre"), Colonne("Depuis le", 12, "date"),
    Colonne("À propos de", 30), Colonne("Structure ou partenaire", 34), Colonne("Quoi", 56),
    Colonne("Montant", 15, "euros"), Colonne("Contact chez le partenaire", 44),
    Colonne("Territoire, chargé de développement", 30),
)  # fmt: skip
GROUPE = (
    Colonne("Structures", 11, "nombre"), Colonne("Partenaires en retard", 12, "nombre"),
    Colonne("Attendu des partenaires", 13, "nombre"), Colonne("À faire à la Caf", 11, "nombre"),
    Colonne("À proposer", 16, "euros"), Colonne("En lot, à libérer", 16, "euros"),
    Colonne("Indus à recouvrer", 16, "euros"),
)  # fmt: skip
INDICATEURS = (
    Colonne("Code", 12), Colonne("Indicateur", 52), Colonne("Exercice", 10), Colonne("Numérateur", 15, "mesure"),
    Colonne("Dénominateur", 15, "mesure"), Colonne("Part", 10, "part"), Colonne("Unité", 10),
    Colonne("Cible", 14), Colonne("Source de la cible", 40), Colonne("Structures ayant répondu", 14),
    Colonne("Remarque", 44),
)  # fmt: skip
SYNTHESE = (
    Colonne("Campagne", 58), Colonne("Reçus", 10, "nombre"), Colonne("Attendus", 10, "nombre"),
    Colonne("Part reçue", 10, "part"), Colonne("Validés", 10, "nombre"), Colonne("À corriger", 11, "nombre"),
    Colonne("Manquants", 11, "nombre"), Colonne("Limite passée", 14), Colonne("Courriels envoyés", 11, "nombre"),
)  # fmt: skip
ACTEURS = {Acteur.PARTENAIRE: "Le partenaire", Acteur.EQUIPE: "L’équipe", Acteur.FINANCE: "La finance"}


def ecrire_tableau(contexte: Contexte, chemin: Path, jour: date | None = None) -> Tableau:
    """Write the board of a day as a workbook; give the board."""
    tableau = dresser(contexte, jour)
    chemin.write_bytes(classeur_du_tableau(feuilles(tableau), tableau.mention))
    return tableau


def feuilles(tableau: Tableau) -> tuple[Feuille, ...]:
    """Give the sheets of a board."""
    au = en_chiffres(tableau.jour)
    en_retard = frozenset(rang for rang, a in enumerate(tableau.affaires) if a.retard(tableau.jour))
    return (
        Feuille("Synthèse", f"Campagnes en cours au {au} : {tableau.phrase}", SYNTHESE, _campagnes(tableau)),
        Feuille("À faire", f"Ce qui attend quelqu’un au {au}", A_FAIRE, _affaires(tableau), signalees=en_retard),
        _groupes("Par territoire", tableau.territoires, "Territoire", au, telephone=True),
        _groupes("Par prestation", tableau.prestations, "Prestation", au, telephone=False),
        Feuille("Indicateurs", f"Indicateurs du CPOG au {au}", INDICATEURS, _indicateurs(tableau.indicateurs)),
    )


def _campagnes(tableau: Tableau) -> list[list[Valeur]]:
    return [
        [
            c.libelle, c.recues, c.attendues, _arrondi(Fraction(c.recues, c.attendues), 4), c.validees,
            c.refusees, c.manquantes, "oui" if c.en_retard else "", c.courriels_envoyes,
        ]
        for c in tableau.campagnes
    ]  # fmt: skip


def _affaires(tableau: Tableau) -> list[list[Valeur]]:
    return [_affaire(a, tableau.jour) for a in tableau.affaires]


def _affaire(affaire: Affaire, jour: date) -> list[Valeur]:
    fiche = affaire.fiche
    return [
        ACTEURS[affaire.acteur], affaire.retard(jour) or None, affaire.depuis or affaire.limite, affaire.sujet,
        f"{fiche.code} {fiche.nom}".strip(), affaire.quoi, _euros(affaire.montant_centimes), fiche.contact,
        f"{fiche.territoire} {fiche.telephone}".strip() if fiche.code else "",
    ]  # fmt: skip


def _groupes(nom: str, groupes: Sequence[Groupe], premier: str, au: str, *, telephone: bool) -> Feuille:
    tetes = (Colonne(premier, 46), *((Colonne("Chargé de développement", 17),) if telephone else ()))
    rangees: list[list[Valeur]] = [
        [
            g.nom, *((g.telephone or "boîte partagée",) if telephone else ()), g.structures, g.en_retard, g.partenaires,
            g.equipe, *map(en_euros, (g.a_payer_centimes, g.en_lot_centimes, g.indus_centimes)),
        ]
        for g in groupes
    ]  # fmt: skip
    return Feuille(nom, f"{nom}, au {au}", (*tetes, *GROUPE), rangees, total=True)


def _indicateurs(indicateurs: Sequence[Indicateur]) -> list[list[Valeur]]:
    return [
        [
            i.code, i.libelle, str(i.exercice), _arrondi(i.mesure.numerateur, 2),
            _arrondi(i.mesure.denominateur, 2), _arrondi(i.part, 4), "" if i.unite == "part" else i.unite,
            i.cible_dite, i.cible.source, i.reponses_dites, i.defaut_dit,
        ]
        for i in indicateurs
    ]  # fmt: skip


def _arrondi(valeur: Fraction | None, decimales: int) -> Decimal | None:
    return None if valeur is None else arrondir(valeur, decimales)


def _euros(centimes: int | None) -> Decimal | None:
    return None if centimes is None else en_euros(centimes)

"""The indicators of the CPOG: exact sums over the réels received, who answered, what nobody can compute."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from modeles.base import transaction
from modeles.tables import Adhesion, Declaration, FichierFiloue, Structure
from operations.contexte import Contexte
from operations.indicateurs import Indicateur, indicateurs
from regles.etats import EtatDeclaration, EtatDepot
from regles.filoue import VersionFiloue
from tests.operations.argent import INSTANT
from tests.operations.reseau_exemple import installer

JOUR = date(2026, 6, 1)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Five crèches, of which S4 and S5 become leisure centres, and S5 closed in 2024."""
    installer(contexte_deux_bases)
    with transaction(contexte_deux_bases.moteur) as session:
        for rang in (4, 5):
            structure = session.get_one(Structure, rang)
            structure.prestation, structure.places, structure.type_accueil = "ALSH", None, "periscolaire"
            if rang == 5:
                structure.fermee_le = date(2024, 12, 31)
    return contexte_deux_bases


def declarer(
    ctx: Contexte, structure: int, etat: EtatDeclaration = EtatDeclaration.RECUE, exercice: int = 2025, **donnees: Any
) -> None:
    with transaction(ctx.moteur) as session:
        prestation = session.get_one(Structure, structure).prestation
        session.add(
            Declaration(
                structure_id=structure, prestation=prestation, nature="reel", exercice=exercice, etape="reels-2025-a",
                origine="test", donnees=donnees, recue_le=INSTANT, etat=etat,
            )
        )  # fmt: skip


def lire(ctx: Contexte, debut: str) -> Indicateur:
    return next(i for i in indicateurs(ctx, JOUR) if (i.code or i.libelle).startswith(debut))


def test_une_part_s_ajoute_exactement_et_dit_qui_a_repondu(ctx: Contexte) -> None:
    declarer(ctx, 1, enfants_handicap=1, enfants_inscrits=30)
    declarer(ctx, 2, EtatDeclaration.VALIDEE, enfants_handicap=2, enfants_inscrits=60)
    declarer(ctx, 3, EtatDeclaration.REJETEE, enfants_handicap=50, enfants_inscrits=50)
    indicateur = lire(ctx, "COG-01-05")
    assert (indicateur.mesure.numerateur, indicateur.mesure.denominateur) == (Fraction(3), Fraction(90))
    assert indicateur.part == Fraction(1, 30)
    assert indicateur.reponses_dites == "2 sur 3"
    assert indicateur.valeur_dite.replace("\N{NO-BREAK SPACE}", " ") == "3 sur 90 enfants, soit 3,3 %"
    assert indicateur.cible_dite == "inconnue"


def test_les_heures_restent_exactes(ctx: Contexte) -> None:
    declarer(ctx, 4, heures_realisees="1485.10", heures_realisees_aeeh="99.2")
    assert lire(ctx, "COG-02-13").mesure.numerateur == Fraction("1485.10")
    assert lire(ctx, "COG-02-12").part == Fraction("99.2") / Fraction("1485.10")
    assert lire(ctx, "COG-02-13").reponses_dites == "1 sur 1"  # the centre closed in 2024 is not expected


def test_un_autre_exercice_ne_compte_pas(ctx: Contexte) -> None:
    declarer(ctx, 4, exercice=2024, heures_realisees="10")
    indicateur = lire(ctx, "COG-02-13")
    assert indicateur.mesure.numerateur is None
    assert indicateur.valeur_dite == "non calculable : aucun réel 2025 reçu"
    (precedent,) = [i for i in indicateurs(ctx, JOUR, 2024) if i.code == "COG-02-13"]
    assert (precedent.mesure.numerateur, precedent.reponses_dites) == (Fraction(10), "1 sur 2")


def test_la_participation_a_filoue_face_a_sa_cible(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        fichier = FichierFiloue(
            structure_id=1, etape="filoue-2026", exercice=2025, etat=EtatDepot.RECU, origine="boite", recu_le=INSTANT,
            sha256="0" * 64, taille=1, empreinte_cle="k", octets_chiffres=b"x",
        )  # fmt: skip
        session.add(fichier)
        session.flush()
        fichier.etat, fichier.donnees, fichier.version = EtatDepot.ACCEPTE, b"x", VersionFiloue.V3
    indicateur = lire(ctx, "COG-01-07")
    assert (indicateur.part, indicateur.reponses_dites) == (Fraction(1, 3), "1 sur 3")
    assert indicateur.valeur_dite.startswith("1 sur 3, soit 33,3")
    assert indicateur.cible_dite.startswith("100")


def test_sans_campagne_filoue_on_le_dit(ctx: Contexte) -> None:
    (indicateur,) = [i for i in indicateurs(ctx, JOUR, 2019) if i.code == "COG-01-07"]
    assert indicateur.valeur_dite == "non calculable : aucune campagne Filoué sur 2019 au calendrier"


def test_la_presence_d_un_relais_se_compte_par_epci_du_departement(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        for rang in (1, 3):  # Chaumont, and the EPCI of the Vosges, most of whose communes are not ours
            structure = session.get_one(Structure, rang)
            structure.prestation, structure.places = "RPE", None
    indicateur = lire(ctx, "EPCI")
    assert (indicateur.mesure.numerateur, indicateur.mesure.denominateur) == (Fraction(1), Fraction(8))


def test_les_lieux_ressources_sont_ceux_du_jour(ctx: Contexte) -> None:
    assert lire(ctx, "Lieux ressources").valeur_dite.startswith("non calculable")
    with transaction(ctx.moteur) as session:
        for rang, au in ((1, None), (2, date(2026, 5, 31))):
            session.add(Adhesion(partenaire_id=rang, dispositif="lieu_ressources", du=date(2020, 1, 1), au=au))
    assert lire(ctx, "Lieux ressources").mesure.numerateur == 1


def test_ce_que_rien_ne_donne_est_dit(ctx: Contexte) -> None:
    assert lire(ctx, "EAJE contrôlés").valeur_dite == (
        "non calculable : les contrôles sur place ne sont pas enregistrés ici"
    )

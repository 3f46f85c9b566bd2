import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from modeles.base import transaction
from modeles.tables import Declaration, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.classeurs import produire_modele
from operations.configuration import etape, formulaire
from operations.contexte import ActeRefuse, Contexte
from regles.etats import EtatDeclaration
from regles.formulaire import plan


def semer(session: Session) -> int:
    partenaire = Partenaire(code="P1", nom="Commune d'Essai", nature=NaturePartenaire.COMMUNE, siren="999500001")
    session.add(partenaire)
    session.flush()
    structure = Structure(
        code="EAJE-001",
        nom="Les Essais",
        partenaire_id=partenaire.id or 0,
        prestation="EAJE",
        siret="99950000100017",
        commune_insee="52269",
        commune="Langres",
        epci_siren="200027308",
        epci="Essai",
        places=20,
        statut_gestionnaire=StatutGestionnaire.PUBLIC,
        taux_regime_general="0.95",
    )
    session.add(structure)
    session.flush()
    return structure.id or 0


def declarer(contexte: Contexte, etat: EtatDeclaration, exercice: int = 2024, nature: str = "reel") -> None:
    with transaction(contexte.moteur) as session:
        session.add(
            Declaration(
                structure_id=semer(session),
                prestation="EAJE",
                nature=nature,
                exercice=exercice,
                etape="reprise",
                origine="reprise",
                donnees={"heures_facturees": "35200.5", "couches_et_repas": True, "jours_ouverture": 218},
                recue_le=contexte.maintenant(),
                etat=etat,
            )
        )


def valeurs(octets: bytes, contexte: Contexte, colonne: str) -> dict[str, Any]:
    classeur = load_workbook(io.BytesIO(octets))
    lignes = plan(formulaire(contexte, "EAJE")).champs
    return {li.champ.cle: classeur[li.feuille][f"{colonne}{li.ligne}"].value for li in lignes}


def test_le_classeur_porte_l_identite_et_le_reel_precedent(contexte_deux_bases: Contexte) -> None:
    declarer(contexte_deux_bases, EtatDeclaration.VALIDEE)
    nom, octets = produire_modele(contexte_deux_bases, "EAJE", "reel", 2025, "EAJE-001")
    assert nom == "EAJE_reel_2025_EAJE-001.xlsx"
    assert (nom, octets) == produire_modele(contexte_deux_bases, "EAJE", "reel", 2025, "EAJE-001")
    identite = {r[0].value: r[2].value for r in load_workbook(io.BytesIO(octets))["Identité"].iter_rows(min_row=5)}
    assert identite == {
        "structure": "EAJE-001",
        "nom": "Les Essais",
        "gestionnaire": "Commune d'Essai",
        "siret": "99950000100017",
        "commune": "Langres",
        "prestation": "EAJE",
        "nature": "Réel",
        "exercice": 2025,
        "version": formulaire(contexte_deux_bases, "EAJE").version,
        "places": 20,
        "taux_regime_general": 0.95,
        "statut_gestionnaire": "Public",
    }
    rappels = {cle: v for cle, v in valeurs(octets, contexte_deux_bases, "E").items() if v is not None}
    assert rappels == {"heures_facturees": 35200.5, "couches_et_repas": "Oui", "jours_ouverture": 218}
    assert set(valeurs(octets, contexte_deux_bases, "C").values()) == {None}


@pytest.mark.parametrize(
    ("etat", "exercice", "nature"),
    [
        (EtatDeclaration.REJETEE, 2024, "reel"),
        (EtatDeclaration.REMPLACEE, 2024, "reel"),
        (EtatDeclaration.VALIDEE, 2023, "reel"),
        (EtatDeclaration.VALIDEE, 2024, "previsionnel"),
    ],
)
def test_seul_le_reel_courant_de_l_annee_precedente_est_rappele(
    contexte: Contexte, etat: EtatDeclaration, exercice: int, nature: str
) -> None:
    declarer(contexte, etat, exercice, nature)
    _, octets = produire_modele(contexte, "EAJE", "reel", 2025, "EAJE-001")
    assert set(valeurs(octets, contexte, "E").values()) == {None}


def test_le_classeur_dit_l_echeance_publiee_et_la_demonstration(contexte: Contexte) -> None:
    declarer(contexte, EtatDeclaration.VALIDEE)
    _, octets = produire_modele(contexte, "EAJE", "reel", 2025, "EAJE-001")
    lu = [str(r[0].value) for r in load_workbook(io.BytesIO(octets))["Lisez-moi"].iter_rows(max_row=4)]
    assert "DÉMONSTRATION" in lu[2]
    assert "27\u00a0février\u00a02026" in lu[3]
    _, octets = produire_modele(contexte, "EAJE", "reel", 2031, "EAJE-001")
    assert load_workbook(io.BytesIO(octets))["Lisez-moi"]["A4"].value is None


def test_deux_actualisations_d_une_annee_sont_deux_classeurs_qui_disent_chacun_leur_echeance(
    contexte: Contexte,
) -> None:
    declarer(contexte, EtatDeclaration.VALIDEE)
    dites = []
    for identifiant in ("actualisation-juin-2026", "actualisation-novembre-2026"):
        campagne = etape(contexte, identifiant)
        _, octets = produire_modele(contexte, "EAJE", "actualisation", 2026, "EAJE-001", campagne)
        dites.append(str(load_workbook(io.BytesIO(octets))["Lisez-moi"]["A4"].value))
    assert "10\u00a0juillet\u00a02026" in dites[0]
    assert "7\u00a0décembre\u00a02026" in dites[1]


@pytest.mark.parametrize(
    ("prestation", "nature", "structure", "phrase"),
    [
        ("EAJE", "bilan", "EAJE-001", "« bilan » n'est pas une déclaration"),
        ("EAJE", "reel", "EAJE-999", "« EAJE-999 » n'existe pas"),
        ("ALSH", "reel", "EAJE-001", "ALSH"),
        ("CLAS", "previsionnel", "EAJE-001", "n'est pas demandé aux partenaires.*l'appel à projets"),
        ("RPE", "actualisation", "EAJE-001", "ne demande pas d'actualisation"),
    ],
)
def test_ce_qui_ne_peut_pas_se_faire_est_dit(
    contexte: Contexte, prestation: str, nature: str, structure: str, phrase: str
) -> None:
    declarer(contexte, EtatDeclaration.VALIDEE)
    with pytest.raises(ActeRefuse, match=phrase):
        produire_modele(contexte, prestation, nature, 2025, structure)

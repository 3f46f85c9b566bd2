"""How the steps are run: a step's words over its nature's, a plan that stays reasonable, faults told at their line."""

from datetime import date, time
from pathlib import Path

import pytest

from operations.configuration import calendriers, demarche
from operations.contexte import Contexte
from regles.calendrier import COURRIELS_AU_PLUS, Etape, NatureEtape, Verbe, actions_datees
from regles.demarches import Audience, Demarche
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.demarches import Demarches, charger_demarches, feries
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

CALENDRIER = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")
ETAPES = {etape.id: etape for etape in CALENDRIER.etapes}
PRESTATIONS = [code for code, _ in CALENDRIER.prestations]
TEXTE = (RACINE / "config" / "demarches.yaml").read_text(encoding="utf-8")


def charger(dossier: Path, texte: str = TEXTE) -> Demarches:
    fichier = dossier / "demarches.yaml"
    fichier.write_text(texte, encoding="utf-8")
    return charger_demarches(fichier, ETAPES, PRESTATIONS)


def de(dossier: Path, identifiant: str, texte: str = TEXTE) -> Demarche:
    return charger(dossier, texte).demarche(ETAPES[identifiant])


def test_le_mot_de_l_etape_l_emporte_sur_sa_nature_et_sur_le_defaut(tmp_path: Path) -> None:
    bilan = de(tmp_path, "bilans-rpe-2025")
    assert bilan.plan.decalages == (-14, -3, 1)
    assert (bilan.plan.heure, bilan.plan.delai_cloture) == (time(9), 10)
    assert [piece.code for piece in bilan.pieces] == ["sphinx"]
    assert bilan.audience == Audience(("RPE",))
    assert not bilan.facultative
    projet = de(tmp_path, "aap-pdn-2027")
    assert (projet.audience, projet.facultative) == (Audience(dispositif="promeneurs_du_net"), True)
    assert "formulaire" in projet.codes_obligatoires
    assert "statuts" not in projet.codes_obligatoires
    assert de(tmp_path, "aap-partenaires-2027").audience == Audience()
    assert de(tmp_path, "filoue-2026").roles == ("petite_enfance",)


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ("[-7, 1]", "[-14, -7, 1, 5]", "au plus 3 relances"),
        ("[-7, 1]", "[1, 1]", "à des jours différents"),
        ("[-14, -3, 1]", "[-14, -3]", "« natures.bilan » : une relance suit la limite"),
        ('"09:00"', '"02:30"', "entre 06:00 et 20:59"),
        ("delai_cloture: 10", "delai_cloture: -1", "delai_cloture"),
        ("  bilans-rpe-2025:", "  bilans-rpe-2024:", "aucun calendrier ne porte l'étape « bilans-rpe-2024 »"),
        ("{dispositif: parentalite}", "{dispositif: parentalites}", "dispositif inconnu : « parentalites »"),
        ("{prestations: [CLAS]}", "{prestations: [CLASS]}", "prestation inconnue : « CLASS »"),
        ("{prestations: [CLAS]}", "{prestations: [CLAS], tous: true}", "un seul des trois"),
        ("roles: [petite_enfance]", "roles: [maire]", "rôle inconnu : « maire »"),
        ("code: evaluation,", "code: projet,", "deux pièces portent le même code"),
    ],
)
def test_une_faute_est_dite_a_sa_ligne(tmp_path: Path, avant: str, apres: str, raison: str) -> None:
    assert avant in TEXTE
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger(tmp_path, TEXTE.replace(avant, apres, 1))
    assert raison in refus.value.raison


def test_toute_etape_publiee_a_sa_demarche(contexte: Contexte) -> None:
    """Whatever its nature: it is opened or sat on, reminded at most as often as allowed, and knows who is expected."""
    for etape in (e for calendrier in calendriers(contexte) for e in calendrier.etapes):
        lue = demarche(contexte, etape)
        verbes = [a.verbe for a in actions_datees(etape, lue.plan)]
        assert sum(v.ecrit for v in verbes) <= COURRIELS_AU_PLUS
        if etape.nature not in {NatureEtape.FILOUE, NatureEtape.COMMISSION}:
            assert verbes[0] is Verbe.OUVRIR, etape.id
        if etape.nature not in {NatureEtape.COMMISSION, NatureEtape.VERSEMENT}:
            assert lue.audience is not None, etape.id
            assert verbes[-1] is Verbe.CLORE, etape.id


def test_les_jours_feries_sont_ceux_de_la_loi() -> None:
    assert {jour for jour in feries() if jour.year == 2026} == {
        date(2026, mois, jour)
        for mois, jour in (
            (1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25),
        )
    }  # fmt: skip


def test_un_appel_a_projets_neuf_ne_va_qu_aux_structures_qu_il_nomme(tmp_path: Path) -> None:
    """Its own prestations come before what its nature says by default: every partner."""
    neuf = Etape("aap-neuf", NatureEtape.APPEL_A_PROJETS, "Appel neuf", ("CLAS",), limite=date(2026, 9, 30))
    assert charger(tmp_path).demarche(neuf).audience == Audience(("CLAS",))


def test_une_etape_ajoutee_se_passe_de_code(tmp_path: Path) -> None:
    nouvelle = Etape("bilan-neuf", NatureEtape.BILAN, "Bilan neuf", ("LAEP",), limite=date(2026, 9, 30))
    lue = charger(tmp_path).demarche(nouvelle)
    assert lue.audience == Audience(("LAEP",))
    assert [piece.code for piece in lue.pieces] == ["bilan"]
    assert actions_datees(nouvelle, lue.plan)[0].a_confirmer

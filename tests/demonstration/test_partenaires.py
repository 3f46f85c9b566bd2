"""Partners fill the workbook they received; each intended mistake is found, and no other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from demonstration.agenda import AGENDA, ERREURS, Acte, Geste
from demonstration.partenaires import CourrielIntrouvable, agir, classeur_recu, preparer
from demonstration.reseau import charger_reseau, installer
from demonstration.scenario import CAMPAGNE
from operations import courriels, relances
from operations.contexte import Contexte
from operations.verification import Verification, verifier
from regles.anomalies import Severite
from schemas.configuration.reglages import charger_reglages
from tests.conftest import moteur_de_test

pytestmark = pytest.mark.xdist_group("partenaires")

OUVERTURE = date(2026, 2, 8)
JUSTES = [
    acte
    for actes in AGENDA.values()
    for acte in actes
    if acte.geste is Geste.REPONDRE and acte.structure not in ERREURS and not acte.activite < 1000
]


@pytest.fixture(scope="module")
def ouverte(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contexte]:
    with pytest.MonkeyPatch.context() as rustine:
        dossier = tmp_path_factory.mktemp("ouverte")
        rustine.setenv("CAMPAGNES_VAR", str(dossier))
        rustine.setenv("CAMPAGNES_DEMONSTRATION", "1")
        with moteur_de_test("sqlite", dossier) as (_, moteur):
            contexte = Contexte(charger_reglages(), moteur)
            installer(contexte)
            relances.ouvrir(contexte, CAMPAGNE, OUVERTURE)
            courriels.envoyer_en_attente(contexte, OUVERTURE)
            yield contexte


def verifie(contexte: Contexte, acte: Acte, dossier: Path) -> Verification:
    fichier = preparer(contexte, acte, classeur_recu(contexte, acte))
    chemin = dossier / fichier.nom
    chemin.write_bytes(fichier.octets)
    return verifier(contexte, chemin, date(2026, 2, 16))


def test_chaque_erreur_donne_ses_anomalies_et_pas_d_autre(ouverte: Contexte, tmp_path: Path) -> None:
    for structure, erreur in ERREURS.items():
        trouvees = verifie(ouverte, Acte(structure, saisies=erreur.saisies), tmp_path).anomalies
        bloquantes = {a.champ: a.code for a in trouvees if a.severite is Severite.BLOQUANTE}
        assert bloquantes == erreur.anomalies, structure
        assert all(a.cellule for a in trouvees)


def test_les_reponses_justes_ne_donnent_rien(ouverte: Contexte, tmp_path: Path) -> None:
    corriges = [Acte(structure) for structure in ERREURS]
    for acte in [*JUSTES, *corriges]:
        resultat = verifie(ouverte, acte, tmp_path)
        assert resultat.code_de_sortie == 0
        assert not resultat.anomalies, acte.structure


def test_une_annee_a_demi_fermee_donne_des_alertes_seulement(ouverte: Contexte, tmp_path: Path) -> None:
    (acte,) = [a for actes in AGENDA.values() for a in actes if a.activite < 1000]
    trouvees = verifie(ouverte, acte, tmp_path).anomalies
    assert {a.severite for a in trouvees} == {Severite.ALERTE}
    assert {"variation_previsionnel", "variation_n_1"} == {a.code for a in trouvees}


@pytest.mark.parametrize("geste", [Geste.VIEUX_FORMAT, Geste.ARCHIVE_COUPEE])
def test_fichiers_illisibles(ouverte: Contexte, tmp_path: Path, geste: Geste) -> None:
    assert verifie(ouverte, Acte("EAJE01", geste, nom="fichier.xlsx"), tmp_path).code_de_sortie == 2


def test_le_meme_acte_donne_les_memes_octets(ouverte: Contexte) -> None:
    acte = Acte("EAJE16")
    recu = classeur_recu(ouverte, acte)
    assert preparer(ouverte, acte, recu) == preparer(ouverte, acte, recu)
    assert preparer(ouverte, replace(acte, saisies={"charges_62": 61_000}), recu) != preparer(ouverte, acte, recu)


def test_agir_depose_dans_la_boite_et_garde_le_classeur_recu(ouverte: Contexte) -> None:
    chemin = agir(ouverte, Acte("EAJE12"))
    assert chemin.parent == ouverte.reglages.boite_depots
    bureau = ouverte.reglages.var / "demonstration" / "partenaires" / "EAJE12"
    assert {f.name for f in bureau.iterdir()} == {"EAJE_reel_2025_EAJE12.xlsx", "reçu EAJE_reel_2025_EAJE12.xlsx"}
    assert chemin.read_bytes() == (bureau / "EAJE_reel_2025_EAJE12.xlsx").read_bytes()


def test_sans_courriel_un_partenaire_ne_peut_pas_repondre(contexte: Contexte) -> None:
    installer(contexte)
    with pytest.raises(CourrielIntrouvable, match="EAJE01"):
        agir(contexte, Acte("EAJE01"))


def test_l_agenda_ne_cite_que_le_reseau(ouverte: Contexte) -> None:
    codes = {s.code for g in charger_reseau(ouverte.reglages.config).gestionnaires for s in g.structures}
    acteurs = {acte.structure for actes in AGENDA.values() for acte in actes}
    assert acteurs == codes - {"EAJE21", "EAJE25"}
    assert set(ERREURS) <= acteurs


def test_les_courriels_disent_demonstration(ouverte: Contexte) -> None:
    chemins = list((ouverte.reglages.var / "courriels").glob("*/*.eml"))
    assert chemins
    for chemin in chemins:
        courriel = message_from_bytes(chemin.read_bytes(), policy=policy.default)
        assert "DÉMONSTRATION" in courriel["Subject"]
        assert str(courriel["To"]).rstrip(">").endswith(".example")

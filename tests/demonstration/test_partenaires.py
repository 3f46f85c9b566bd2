"""Partners fill the workbook they received; each intended mistake is found, and no other."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from demonstration.actes import CAMPAGNE, ERREURS, ERREURS_COMMUNES, Acte, Geste
from demonstration.agenda import ARRIVEES, CRECHES, agenda
from demonstration.installation import installer
from demonstration.partenaires import CourrielIntrouvable, agir, classeur_recu, preparer
from demonstration.reseau import charger_reseau
from operations import courriels, relances
from operations.configuration import etape, plan_relances
from operations.contexte import Contexte
from operations.verification import Verification, verifier
from regles.anomalies import Severite
from regles.calendrier import fin_de_reception
from schemas.configuration.reglages import charger_reglages
from tests.conftest import moteur_de_test
from tests.demonstration.reduit import environnement

pytestmark = pytest.mark.xdist_group("partenaires")

OUVERTURE = date(2026, 2, 8)
JUSTES = [
    acte
    for actes in CRECHES.values()
    for acte in actes
    if acte.geste is Geste.REPONDRE and acte.structure not in ERREURS and not acte.activite < 1000
]


@pytest.fixture(scope="module")
def ouverte(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contexte]:
    with pytest.MonkeyPatch.context() as rustine:
        dossier = tmp_path_factory.mktemp("ouverte")
        environnement(rustine, dossier)
        with moteur_de_test("sqlite") as (_, moteur):
            contexte = Contexte(charger_reglages(), moteur)
            installer(contexte)
            relances.ouvrir(contexte, CAMPAGNE, OUVERTURE)
            courriels.envoyer_en_attente(contexte, OUVERTURE)
            yield contexte


def autres(contexte: Contexte) -> list[str]:
    """The structures that answer the step and are not crèches."""
    attendues = set(etape(contexte, CAMPAGNE).prestations) - {"EAJE"}
    return [e.code for e in charger_reseau(contexte.reglages.config).equipements if e.prestation in attendues]


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


def test_les_erreurs_communes_valent_pour_toute_prestation(ouverte: Contexte, tmp_path: Path) -> None:
    for rang, structure in enumerate(autres(ouverte)):
        erreur = ERREURS_COMMUNES[rang % len(ERREURS_COMMUNES)]
        trouvees = verifie(ouverte, Acte(structure, saisies=erreur.saisies), tmp_path).anomalies
        bloquantes = {a.champ: a.code for a in trouvees if a.severite is Severite.BLOQUANTE}
        assert bloquantes == erreur.anomalies, structure


def test_les_reponses_justes_ne_donnent_rien(ouverte: Contexte, tmp_path: Path) -> None:
    corriges = [Acte(structure) for structure in (*ERREURS, *autres(ouverte))]
    for acte in [*JUSTES, *corriges]:
        resultat = verifie(ouverte, acte, tmp_path)
        assert resultat.code_de_sortie == 0
        assert {a.code for a in resultat.anomalies} <= {"cout_au_dessus_du_plafond"}, acte.structure


def test_une_annee_a_demi_fermee_donne_des_alertes_seulement(ouverte: Contexte, tmp_path: Path) -> None:
    (acte,) = [a for actes in CRECHES.values() for a in actes if a.activite < 1000]
    trouvees = [a for a in verifie(ouverte, acte, tmp_path).anomalies if a.severite is not Severite.INFORMATION]
    assert {(a.code, a.severite) for a in trouvees} == {("variation", Severite.ALERTE)}
    assert all("au prévisionnel" in a.message and "au réel 2024" in a.message for a in trouvees)


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


def test_l_agenda_ne_cite_que_le_reseau_attendu(contexte: Contexte) -> None:
    prestations = {e.code: e.prestation for e in charger_reseau(contexte.reglages.config).equipements}
    arrivees = agenda(contexte)
    assert arrivees == agenda(contexte)
    assert [a.jour for a in arrivees] == sorted({a.jour for a in arrivees})
    for arrivee in arrivees:
        for acte in arrivee.actes:
            assert prestations[acte.structure] in etape(contexte, acte.etape).prestations
    creches = {acte.structure for actes in CRECHES.values() for acte in actes}
    assert creches == {f"EAJE{rang:02d}" for rang in range(1, 30)} - {"EAJE21", "EAJE25"}
    assert set(ERREURS) <= creches


def test_presque_tous_repondent_et_les_corrections_suivent_les_fautes(contexte: Contexte) -> None:
    envois: dict[tuple[str, str], list[Geste]] = {}
    for arrivee in agenda(contexte):
        for acte in arrivee.actes:
            envois.setdefault((acte.structure, acte.etape), []).append(acte.geste)
    attendus = [
        (e.code, campagne)
        for campagne in ARRIVEES
        for e in charger_reseau(contexte.reglages.config).equipements
        if e.prestation in etape(contexte, campagne).prestations
    ]
    assert len(attendus) * 90 // 100 < len(envois) < len(attendus)
    assert {geste for gestes in envois.values() for geste in gestes} == set(Geste)
    for gestes in envois.values():
        assert gestes[0] not in {Geste.CORRIGER, Geste.RENVOYER}


def test_les_jours_d_arrivee_tiennent_dans_la_campagne(contexte: Contexte) -> None:
    for campagne, jours in ARRIVEES.items():
        reglee = etape(contexte, campagne)
        fin = fin_de_reception(reglee, plan_relances(contexte, reglee))
        assert reglee.ouverture is not None
        assert fin is not None
        assert all(reglee.ouverture <= jour <= fin for jour in jours)
        assert sum(jours.values()) == 1000


def test_les_courriels_disent_demonstration(ouverte: Contexte) -> None:
    chemins = list((ouverte.reglages.var / "courriels").glob("*/*.eml"))
    assert chemins
    for chemin in chemins:
        courriel = message_from_bytes(chemin.read_bytes(), policy=policy.default)
        assert "DÉMONSTRATION" in courriel["Subject"]
        assert str(courriel["To"]).rstrip(">").endswith(".example")

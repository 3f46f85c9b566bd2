"""« Et si » from the run form: a page published, files written, a refusal in one sentence."""

import re
from base64 import b64decode
from pathlib import Path

import pytest

from demonstration.serveur import Serveur
from flows.demandes import DemandeSimulation
from flows.simulation import simuler
from operations.contexte import Contexte
from operations.simulation import Hypotheses
from operations.simulation import simuler as operation
from regles.monnaie import formater_euros
from regles.simulation import formater_ecart
from tasks.textes_simulation import synthese
from tests.flows.test_flux import artefact
from tests.operations.reseau_simule import EXERCICE, JOUR, installer


def test_la_synthese_dit_les_totaux_et_dessine_les_enveloppes(contexte: Contexte) -> None:
    installer(contexte)
    bilan = operation(contexte, Hypotheses(EXERCICE, parametres={"rpe.plafond": "72000"}, bareme=2024), JOUR)
    texte = synthese(bilan, ["/var/simulation_2026.html"])
    assert texte.startswith("**SIMULATION – DÉMONSTRATION**")
    for enveloppe in (*bilan.enveloppes, bilan.total):
        assert formater_euros(enveloppe.apres_centimes) in texte
        assert formater_ecart(enveloppe.difference_centimes) in texte
    dessins = [b64decode(image).decode() for image in re.findall(r"\(data:image/svg\+xml;base64,([^)]+)\)", texte)]
    assert [dessin.count("<svg ") for dessin in dessins] == [1, 1]
    assert all("SIMULATION – DÉMONSTRATION" in dessin for dessin in dessins)
    assert all(formater_euros(enveloppe.apres_centimes) in dessins[0] for enveloppe in bilan.enveloppes)
    assert r"Structure \<1\>" in texte
    assert "Sans déclaration, donc absentes du calcul : EAJE04." in texte
    assert r"simulation\_2026.html" in texte


@pytest.mark.prefect
@pytest.mark.xdist_group("prefect")
def test_une_question_du_formulaire_a_sa_page_et_ses_fichiers(installation: Contexte, serveur: Serveur) -> None:
    installer(installation)
    demande = DemandeSimulation(
        exercice=EXERCICE, prestations=["RPE"], parametres=["rpe.plafond=72000"], reponses=["charges=+3%"], jour=JOUR
    )
    etat = simuler(demande, return_state=True)
    attendu = operation(
        installation,
        Hypotheses(EXERCICE, ("RPE",), parametres={"rpe.plafond": "72000"}, reponses={"charges": "+3%"}),
        JOUR,
    )
    assert etat.is_completed()
    assert (etat.message or "").startswith("SIMULATION – DÉMONSTRATION : ")
    assert formater_ecart(attendu.total.difference_centimes) in (etat.message or "")
    publie = artefact(serveur, f"simulation-{EXERCICE}")
    assert formater_euros(attendu.total.apres_centimes) in publie["data"]
    assert publie["description"] == "SIMULATION – DÉMONSTRATION : et si… l’enveloppe 2026."
    ecrits = sorted(Path(installation.reglages.var / "simulations").glob("*/*"))
    assert [chemin.suffix for chemin in ecrits] == [".html", ".xlsx"]

    refus = simuler(DemandeSimulation(exercice=EXERCICE, parametres=["rpe.plafon=1"], jour=JOUR), return_state=True)
    assert refus.is_failed()
    assert "vouliez-vous dire « rpe.plafond »" in (refus.message or "")
    mal_ecrit = simuler(DemandeSimulation(exercice=EXERCICE, reponses=["charges"], jour=JOUR), return_state=True)
    assert (mal_ecrit.message or "") == "Autres réponses : lu « charges », attendu clé=valeur."

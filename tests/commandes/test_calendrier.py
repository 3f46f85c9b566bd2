"""The calendar from the terminal: read, written for a diary and a wall, drafted for next year, checked."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar, Event
from typer.testing import CliRunner

from commandes import calendrier as commandes
from commandes.principal import application
from operations.contexte import Contexte
from schemas.configuration.calendrier import charger_calendriers
from schemas.configuration.reglages import RACINE

PUBLIE = RACINE / "config" / "calendrier" / "2026.yaml"


@pytest.fixture
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, on a context of their own."""
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    return contexte


@pytest.fixture
def copie(contexte: Contexte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The commands, on a copy of the configuration; gives its folder of calendars."""
    shutil.copytree(contexte.reglages.config, tmp_path / "config")
    reglages = contexte.reglages.model_copy(update={"config": tmp_path / "config"})
    monkeypatch.setattr(commandes, "contexte", lambda: Contexte(reglages, contexte.moteur))
    return tmp_path / "config" / "calendrier"


def lancer(*arguments: str) -> tuple[int, str, str]:
    resultat = CliRunner().invoke(application, ["calendrier", *arguments])
    return resultat.exit_code, resultat.stdout, resultat.stderr


def test_l_annee_se_lit_dans_l_ordre_des_dates(terminal: Contexte) -> None:
    code, sortie, _ = lancer("--annee", "2026")
    assert code == 0
    rangees = [ligne.split() for ligne in sortie.splitlines()[1:] if not ligne.startswith(" ")]
    assert len(rangees) == 28
    assert [r[0] for r in rangees[:3]] == [
        "aap-partenaires-2026", "aap-reseau-parentalite-2026", "bilan-animation-pdn-2025",
    ]  # fmt: skip
    reels = next(r for r in rangees if r[0] == "reels-2025-a")
    assert reels == ["reels-2025-a", "réel", "08/02/2026", "20/02,", "28/02", "27/02/2026", "10/03/2026"]
    assert "    séance : 15/06/2026\n    à confirmer : séance, « mi-juin » au calendrier\n" in sortie
    assert "    à confirmer : ouverture, déduite de la limite\n" in sortie
    assert "    dernier délai : 10/01/2026\n" in sortie
    assert "  appel à projets  " in sortie
    noms = "\n".join(ligne for ligne in sortie.splitlines() if not ligne.startswith("    "))
    assert "_" not in noms.replace("PS_JEUNES", "")


def test_une_etape_en_json(terminal: Contexte) -> None:
    code, sortie, _ = lancer("--json", "--etape", "cas-2026-06")
    (etape,) = json.loads(sortie)
    assert code == 0
    assert (etape["id"], etape["limite"], etape["seance"]) == ("cas-2026-06", "2026-05-15", "2026-06-15")
    assert etape["approximations"] == {"jour": "mi-juin"}
    (bilans,) = json.loads(lancer("--json", "--etape", "bilans-pdn-2025")[1])
    assert bilans["approximations"] == {"ouverture": "déduite de la limite"}


@pytest.mark.parametrize("option", [("--json",), ("--etape", "reels-2025-a")])
def test_un_fichier_de_l_annee_ne_laisse_pas_une_option_sans_effet(
    terminal: Contexte, tmp_path: Path, option: tuple[str, ...]
) -> None:
    fichier = tmp_path / "annee.ics"
    code, _, erreur = lancer(*option, "--ics", str(fichier))
    assert (code, fichier.exists(), "sans --json ni --etape" in " ".join(erreur.split())) == (2, False, True)


def test_le_brouillon_dit_les_dates_en_mots(terminal: Contexte) -> None:
    _, _, sortie = lancer("preparer", "2027")
    assert {"à partir du", "dernière relance", "limite des demandes"} <= {
        ligne[36:56].strip() for ligne in sortie.splitlines()
    }


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("--etape", "reels-2031"), "n'est dans aucun calendrier"),
        (("--annee", "2031"), "Aucune étape n'a de date en 2031 (calendriers publiés : 2026)."),
        (("preparer", "2029"), "Le calendrier 2029 se prépare sur celui de 2028, qui manque (publiés : 2026)."),
    ],
)
def test_ce_qui_n_existe_pas_est_refuse(terminal: Contexte, arguments: tuple[str, ...], phrase: str) -> None:
    code, _, erreur = lancer(*arguments)
    assert (code, phrase in erreur) == (2, True)


def test_l_agenda_de_l_annee_se_relit(terminal: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "annee.ics"
    assert lancer("--annee", "2026", "--ics", str(fichier))[0] == 0
    evenements = [e for e in Calendar.from_ical(fichier.read_bytes()).walk("VEVENT") if isinstance(e, Event)]
    par_uid = {str(e["uid"]): e for e in evenements}
    assert len(par_uid) == len(evenements) > 28
    limite = par_uid["reels-2025-a-limite@caf52.example"]
    assert (limite.start, limite.end) == (date(2026, 2, 27), date(2026, 2, 28))
    assert limite["summary"] == "Limite : Réels 2025 (EAJE, RPE…)"
    seance = par_uid["cas-2026-06-sieger@caf52.example"]
    assert str(seance["summary"]).endswith("juin 2026 (date à confirmer)")
    assert "« mi-juin » au calendrier" in seance["description"]
    deduite = par_uid["bilans-pdn-2025-ouvrir@caf52.example"]
    assert "(date à confirmer)" in deduite["summary"]
    assert "déduite de la limite" in deduite["description"]
    assert {type(e.start) for e in evenements} == {date}
    avant = fichier.read_bytes()
    lancer("--annee", "2026", "--ics", str(fichier))
    assert fichier.read_bytes() == avant


def test_l_affiche_dit_chaque_etape_et_ce_qui_est_a_confirmer(terminal: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "affiche.html"
    assert lancer("--annee", "2026", "--affiche", str(fichier))[0] == 0
    page = fichier.read_text(encoding="utf-8")
    assert page.count("<tr class=") == 28
    assert page.count(' vague">') == 9  # dates the source gives in vague words, and openings counted back from a limit
    assert "Source : Caf de la Haute-Marne, calendrier des partenaires 2026" in page
    assert "(relevé le 05/01/2026)" in page
    assert "http" not in page
    assert "À confirmer : la date d’ouverture n’est pas donnée par la source" in page


def test_l_annee_suivante_se_prepare_se_verifie_et_se_charge(copie: Path, tmp_path: Path) -> None:
    brouillon = tmp_path / "2027.yaml"
    code, sortie, _ = lancer("preparer", "2027", "--sortie", str(brouillon))
    assert code == 0
    assert "    aap-partenaires-2027 (suite de aap-partenaires-2026)\n" in sortie
    assert "jour ouvrable le plus proche (le sam 02/01/2027 n'est pas ouvrable)" in sortie
    assert "      libelle: Prévisionnel 2027 du Plan mercredi\n" in sortie
    shutil.copy(brouillon, copie)
    assert [len(c.etapes) for c in charger_calendriers(copie)] == [28, 26]
    reels = next(e for e in charger_calendriers(copie)[1].etapes if e.id == "reels-2026-a")
    assert (reels.libelle, reels.exercice, reels.ouverture, reels.limite) == (
        "Réels 2026", 2026, date(2027, 2, 7), date(2027, 2, 26),
    )  # fmt: skip
    assert reels.est_approximative("ouverture")
    assert reels.est_approximative("limite")


def test_verifier_dit_qui_ne_serait_pas_ecrit_et_qui_le_serait_trop(copie: Path, tmp_path: Path) -> None:
    """The draft alone, without its lines of demarches.yaml: bilans that wait for nobody, calls that write to all."""
    brouillon = tmp_path / "2027.yaml"
    lancer("preparer", "2027", "--sortie", str(brouillon))
    code, sortie, _ = lancer("verifier", str(brouillon))
    lignes = sortie.splitlines()
    ecrit = brouillon.read_text(encoding="utf-8").splitlines()
    rang = ecrit.index("  - id: bilans-pdn-2026") + 1
    assert code == 1
    assert f"2027.yaml, ligne {rang} : « bilans-pdn-2026 » n'attend personne : " in sortie
    muettes = [ligne.split("« ")[1].split(" »")[0] for ligne in lignes if "n'attend personne" in ligne]
    assert muettes == ["bilan-animation-pdn-2026", "bilans-pdn-2026", "bilans-lieu-ressources-2026"]
    a_tous = [ligne.split("« ")[1].split(" »")[0] for ligne in lignes if ligne.startswith("À lire : 2027.yaml, ligne ")]
    assert a_tous == ["projets-parentalite-2027", "aap-plan-mercredi-2027", "aap-pdn-2028", "aap-partenaires-2028",
                      "aap-reseau-parentalite-2028"]  # fmt: skip
    assert lignes[-1] == "3 faute(s) à corriger."


def _lignes_des_demarches(sortie: str) -> str:
    return sortie.split("une fois le calendrier en place :\n\n")[1].split("\n\n")[0]


def test_les_demarches_suivent_d_annee_en_annee(
    contexte: Contexte, copie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2028, drafted from a 2027 whose lines nobody has added, has those of 2026, two years later."""
    place = copie / "2027.yaml"
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    _, premiere, _ = lancer("preparer", "2027", "--sortie", str(place))
    reglages = contexte.reglages.model_copy(update={"config": copie.parent})
    monkeypatch.setattr(commandes, "contexte", lambda: Contexte(reglages, contexte.moteur))
    _, seconde, _ = lancer("preparer", "2028", "--sortie", str(copie / "2028.yaml"))
    lignes = _lignes_des_demarches(seconde)
    assert "  bilans-pdn-2027:\n    destinataires:\n      dispositif: promeneurs_du_net" in lignes
    assert "      libelle: Prévisionnel 2028 du Plan mercredi" in lignes
    assert len(lignes.splitlines()) == len(_lignes_des_demarches(premiere).splitlines())


def test_les_demarches_du_brouillon_se_collent_telles_quelles(
    contexte: Contexte, copie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    _, sortie, _ = lancer("preparer", "2027", "--sortie", str(copie / "2027.yaml"))
    reglages = contexte.reglages.model_copy(update={"config": copie.parent})
    monkeypatch.setattr(commandes, "contexte", lambda: Contexte(reglages, contexte.moteur))
    lignes = _lignes_des_demarches(sortie)
    demarches = copie.parent / "demarches.yaml"
    demarches.write_text(f"{demarches.read_text(encoding='utf-8').rstrip()}\n{lignes}\n", encoding="utf-8")
    assert lancer("verifier")[:2] == (0, "2026.yaml, 2027.yaml : aucune faute.\n")
    (clas,) = json.loads(lancer("--json", "--etape", "aap-clas-2027-2028")[1])
    assert clas["libelle"] == "Appel à projets, campagne CLAS 2027-2028"


def test_un_brouillon_n_ecrase_jamais_rien_et_va_a_l_ecran(terminal: Contexte, tmp_path: Path) -> None:
    deja = tmp_path / "2027.yaml"
    deja.write_text("précieux", encoding="utf-8")
    code, _, erreur = lancer("preparer", "2027", "--sortie", str(deja))
    assert (code, deja.read_text(encoding="utf-8")) == (2, "précieux")
    assert "n'est jamais écrasé" in erreur
    code, sortie, erreur = lancer("preparer", "2027")
    deja.write_text(sortie, encoding="utf-8")
    assert (code, sortie.startswith("# BROUILLON")) == (0, True)
    assert "Déjà publiées" in erreur


def test_verifier_dit_toutes_les_fautes(terminal: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "2026.yaml"
    texte = PUBLIE.read_text(encoding="utf-8").replace("limite: 2026-02-27", "limite: 2026-02-07")
    fichier.write_text(texte.replace("prestations: [CLAS]\n    ouverture: 2026-06-14", "ouverture: 2026-06-14"))
    code, sortie, _ = lancer("verifier", str(fichier))
    assert code == 1
    assert [ligne.split(" : ")[0] for ligne in sortie.splitlines()] == [
        "2026.yaml, ligne 89", "2026.yaml, ligne 156", "2 faute(s) à corriger.",
    ]  # fmt: skip


def test_verifier_dit_ce_qu_un_fichier_ferait_perdre_aux_demarches(terminal: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "2026.yaml"
    fichier.write_text(PUBLIE.read_text(encoding="utf-8").replace("id: bilans-pdn-2025", "id: bilans-pdn"), "utf-8")
    code, sortie, _ = lancer("verifier", str(fichier))
    assert code == 1
    assert "demarches.yaml, ligne " in sortie
    assert "aucun calendrier ne porte l'étape « bilans-pdn-2025 »" in sortie


def test_verifier_lit_aussi_les_demarches(copie: Path) -> None:
    demarches = copie.parent / "demarches.yaml"
    texte = demarches.read_text(encoding="utf-8")
    demarches.write_text(texte.replace("  bilans-pdn-2025:", "  bilans-pdn-2052:"), encoding="utf-8")
    code, sortie, _ = lancer("verifier")
    assert code == 1
    assert "aucun calendrier ne porte l'étape « bilans-pdn-2052 »" in sortie


def test_verifier_compte_les_courriels_automatiques(terminal: Contexte, tmp_path: Path) -> None:
    """A last reminder of the calendar comes on top of the opening and of the three that bilans take."""
    fichier = tmp_path / "2026.yaml"
    texte = PUBLIE.read_text(encoding="utf-8")
    suite = "limite: 2026-05-28\n    derniere_relance: 2026-06-03\n    limite_finale: 2026-06-07"
    fichier.write_text(texte.replace("limite: 2026-05-28", suite), encoding="utf-8")
    code, sortie, _ = lancer("verifier", str(fichier))
    demarches = (PUBLIE.parent.parent / "demarches.yaml").read_text(encoding="utf-8").splitlines()
    ligne = next(rang for rang, dite in enumerate(demarches, start=1) if "ouverture: -45" in dite)
    assert code == 1
    assert sortie.splitlines()[0] == (
        f"demarches.yaml, ligne {ligne} : « decalages » (-14, -3, 1) ferait 5 courriels automatiques pour "
        "« bilans-rpe-2025 », avec son ouverture et la relance publiée du 03/06/2026 : 4 au plus. Retirez une relance."
    )


def test_verifier_compte_aussi_ce_que_les_demarches_en_place_enverraient(copie: Path) -> None:
    calendrier, demarches = copie / "2026.yaml", copie.parent / "demarches.yaml"
    texte = calendrier.read_text(encoding="utf-8")
    calendrier.write_text(texte.replace("derniere_relance: 2026-01-04", "derniere_relance: 2026-01-08"), "utf-8")
    assert lancer("verifier")[0] == 0
    dites = demarches.read_text(encoding="utf-8")
    demarches.write_text(dites.replace("{decalages: [-7, 1], h", "{decalages: [-14, -7, 1], h"), encoding="utf-8")
    code, sortie, _ = lancer("verifier")
    assert (code, sortie.count("5 courriels automatiques pour « previsionnels-2026-a »")) == (1, 1)
    assert sortie.endswith("1 faute(s) à corriger.\n")

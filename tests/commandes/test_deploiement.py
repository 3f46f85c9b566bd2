"""What `campagnes deployer` decides and says, without a server."""

from datetime import datetime
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from commandes.flux_deployes import FluxPose, comparer_flux, decrire_flux, flux_voulus
from commandes.horaires import HorairePose, comparer, decrire, decrire_les_oubliees
from commandes.principal import application
from flows.planification import FUSEAU, Horaire
from operations.contexte import Contexte
from regles.calendrier import PARIS
from schemas.configuration.reglages import RACINE

REGLE = "DTSTART:20260208T090000\nRRULE:FREQ=DAILY;COUNT=1"
AVANT, APRES = datetime(2026, 1, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)


def voulu(cle: str = "a-ouvrir", regle: str = REGLE) -> Horaire:
    return Horaire(cle, f"Ouverture : {cle}", datetime(2026, 2, 8, 9, tzinfo=PARIS), regle, {"demande": {"etape": cle}})


def pose(cle: str = "a-ouvrir", regle: str = REGLE, fuseau: str = FUSEAU, actif: bool = True) -> HorairePose:
    return HorairePose(uuid4(), cle, regle, fuseau, {"demande": {"etape": cle}}, actif)


def test_rien_a_faire_quand_tout_est_pareil() -> None:
    ecarts = comparer([voulu()], [pose()])
    assert ecarts.est_vide
    assert ecarts.inchanges == 1


@pytest.mark.parametrize(
    ("autre", "ligne"),
    [
        (pose(regle=REGLE.replace("0208", "0209")),
         "déplacée     09/02/2026 09:00 → 08/02/2026 09:00  Ouverture : a-ouvrir"),
        (pose(fuseau="UTC"), "corrigée     08/02/2026 09:00  Ouverture : a-ouvrir"),
        (pose(regle="FREQ=DAILY"), "déplacée     autre règle → 08/02/2026 09:00  Ouverture : a-ouvrir"),
    ],
)  # fmt: skip
def test_une_date_deplacee_se_dit_avant_et_apres(autre: HorairePose, ligne: str) -> None:
    ecarts = comparer([voulu()], [autre])
    assert (ecarts.a_creer, ecarts.a_modifier, ecarts.a_retirer) == ((), ((autre, voulu()),), ())
    assert decrire(ecarts, [voulu()], AVANT)[0].strip() == ligne


def test_ce_qui_quitte_le_calendrier_est_retire_et_dit() -> None:
    ecarts = comparer([voulu("b-ouvrir")], [ancien := pose("a-ouvrir")])
    assert (ecarts.a_creer, ecarts.a_retirer) == ((voulu("b-ouvrir"),), (ancien,))
    assert decrire(ecarts, [voulu("b-ouvrir")], AVANT)[:2] == [
        "  nouvelle     08/02/2026 09:00  Ouverture : b-ouvrir",
        "  retirée      08/02/2026 09:00  a-ouvrir (n'est plus au calendrier)",
    ]


def test_les_dates_passees_sont_comptees_pas_listees() -> None:
    *lignes, bilan = decrire(comparer([voulu()], []), [voulu()], APRES)
    assert [ligne.split(maxsplit=1)[1] for ligne in lignes] == [
        "1 date(s) déjà passée(s), pour mémoire : elles ne partiront pas"
    ]
    assert bilan.startswith("Dates du calendrier : 1, dont 1 passée(s). Nouvelles : 1")


def test_les_dates_passees_et_jamais_jouees_sont_dites() -> None:
    voulus = [voulu(f"e{rang}-ouvrir") for rang in range(20)]
    assert decrire_les_oubliees(voulus, [], []) == []
    entete, anciennes, *lignes = decrire_les_oubliees(voulus, ["e19-ouvrir"], [h.cle for h in voulus[:19]])
    assert entete.startswith("Passées et pas encore jouées : 20.")
    assert anciennes == "  … 8 plus ancienne(s)"
    assert len(lignes) == 12
    assert lignes[-1] == "  sera jouée   08/02/2026 09:00  Ouverture : e19-ouvrir"
    assert lignes[0].startswith("  sera sautée")


def test_un_horaire_mis_en_pause_par_l_equipe_y_reste() -> None:
    ecarts = comparer([voulu()], [pose(actif=False)])
    assert ecarts.est_vide
    assert "1 en pause dans l'interface : elles y restent." in decrire(ecarts, [voulu()], AVANT)[-1]


def flux(nom: str, **passages: str) -> FluxPose:
    passages = {slug.replace("_", "-"): cron for slug, cron in passages.items()}
    return FluxPose(uuid4(), nom, passages, {slug: uuid4() for slug in passages})


def test_les_flux_et_leurs_passages_se_comparent_aussi() -> None:
    voulus = {"suivi": {}, "rattrapage": {"chaque-matin": "30 9 * * *"}, "réception": {"passage-horaire": "30 7 * * *"}}
    poses = [
        flux("rattrapage", chaque_matin="30 8 * * *", chaque_soir="0 20 * * *"), flux("ancien"),
        flux("réception", passage_horaire="30 7 * * *"),
    ]  # fmt: skip
    ecarts = comparer_flux(voulus, poses)
    assert decrire_flux(ecarts) == [
        "  nouveau     flux « suivi »",
        "  retiré      flux « ancien » (n'est plus dans prefect.yaml)",
        "  changé      flux « rattrapage », chaque-matin : 30 8 * * * → 30 9 * * *",
        "  retiré      flux « rattrapage », chaque-soir : 0 20 * * *",
    ]
    assert not ecarts.est_vide
    assert comparer_flux({"réception": {"passage-horaire": "30 7 * * *"}}, poses[2:]).est_vide


def test_les_flux_du_projet_se_lisent_dans_prefect_yaml() -> None:
    voulus = flux_voulus(RACINE / "prefect.yaml")
    assert voulus["rattrapage"] == {"chaque-matin": "30 9 * * *"}
    assert voulus["calendrier"] == {}


@pytest.mark.parametrize(
    ("adresse", "phrase"), [("", "PREFECT_API_URL"), ("http://127.0.0.1:9/api", "ne répond pas à http://127.0.0.1:9")]
)
def test_sans_serveur_une_phrase(
    contexte: Contexte, monkeypatch: pytest.MonkeyPatch, adresse: str, phrase: str
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", adresse)
    resultat = CliRunner().invoke(application, ["deployer"])
    assert resultat.exit_code == 2
    assert phrase in resultat.stderr

"""What `campagnes deployer` decides and says, without a server."""

from datetime import datetime
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from commandes.deploiement import HorairePose, comparer, decrire
from commandes.principal import application
from flows.planification import FUSEAU, Horaire
from operations.contexte import Contexte
from regles.calendrier import PARIS

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


@pytest.mark.parametrize("autre", [pose(regle=REGLE.replace("0208", "0209")), pose(fuseau="UTC")])
def test_une_date_deplacee_se_modifie(autre: HorairePose) -> None:
    ecarts = comparer([voulu()], [autre])
    assert (ecarts.a_creer, ecarts.a_modifier, ecarts.a_retirer) == ((), ((autre, voulu()),), ())
    assert decrire(ecarts, [voulu()], AVANT)[0] == "  ~ 08/02/2026 09:00  Ouverture : a-ouvrir"


def test_ce_qui_quitte_le_calendrier_est_retire_et_dit() -> None:
    ecarts = comparer([voulu("b-ouvrir")], [ancien := pose("a-ouvrir")])
    assert (ecarts.a_creer, ecarts.a_retirer) == ((voulu("b-ouvrir"),), (ancien,))
    assert "  - a-ouvrir (n'est plus au calendrier)" in decrire(ecarts, [voulu("b-ouvrir")], AVANT)


def test_les_dates_passees_sont_comptees_pas_listees() -> None:
    *lignes, bilan = decrire(comparer([voulu()], []), [voulu()], APRES)
    assert lignes == ["  + 1 date(s) déjà passée(s), pour mémoire : elles ne se déclencheront pas"]
    assert bilan.startswith("Dates du calendrier : 1, dont 1 passée(s). À créer : 1")


def test_un_horaire_mis_en_pause_par_l_equipe_y_reste() -> None:
    ecarts = comparer([voulu()], [pose(actif=False)])
    assert ecarts.est_vide
    assert "1 en pause dans l'interface : elles y restent." in decrire(ecarts, [voulu()], AVANT)[-1]


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

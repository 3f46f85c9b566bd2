"""Who would be written to, and what waits in the outbox, from the terminal."""

from datetime import UTC, date, datetime

import pytest
from typer.testing import CliRunner

from commandes import relances as commandes
from commandes.principal import application
from modeles.base import transaction
from modeles.tables import Contact, Courriel, Prolongation
from operations.contexte import Contexte
from regles.etats import EtatCourriel
from tests.operations.reseau_exemple import ETAPE, installer


@pytest.fixture
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, on a context of their own."""
    installer(contexte)
    monkeypatch.setattr(commandes, "contexte", lambda: contexte)
    return contexte


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments))
    return resultat.exit_code, resultat.output


def test_apercu(terminal: Contexte) -> None:
    code, sortie = lancer("apercu", ETAPE, "1")
    assert code == 0
    assert "Alix <alix@chaumont.example>\n    S1  Crèche S1\n    S2  Crèche S2\n    S5  Crèche S5\n" in sortie
    assert "3 courriel(s)." in sortie
    assert "Sans contact : P3 Ville P3." in sortie


def test_apercu_avec_un_delai(terminal: Contexte) -> None:
    with transaction(terminal.moteur) as session:
        session.add(
            Prolongation(
                etape=ETAPE, partenaire_id=2, limite=date(2026, 3, 20), motif="m", par="c.martin",
                le=datetime(2026, 2, 25, tzinfo=UTC),
            )
        )  # fmt: skip
    code, sortie = lancer("apercu", ETAPE, "1")
    assert code == 0
    ordinaire, delai = sortie.split("\nDélai n° 1, jusqu'au 20/03/2026, le 13/03/2026 :\n")
    assert "S3" not in ordinaire
    assert delai.startswith("Bao <bao@langres.example>\n    S3  Crèche S3\n")
    assert delai.endswith("2 courriel(s).\n")


def test_envoyer(terminal: Contexte) -> None:
    assert lancer("envoyer") == (0, "0 envoyé(s), 0 sans objet, 0 à réessayer, 0 refusé(s), 0 à vérifier.\n")


def test_envoyer_dit_ce_qui_n_est_pas_parti(terminal: Contexte) -> None:
    with transaction(terminal.moteur) as session:
        session.get_one(Contact, 1).actif = False
        session.add(
            Courriel(
                cle="relance:e:1:1", genre="relance", etape="e", rang=1, contact_id=1, structures=["S1"], contexte={},
                etat=EtatCourriel.A_ENVOYER, prochain_essai_le=terminal.maintenant(), decide_le=terminal.maintenant(),
            )
        )  # fmt: skip
    code, sortie = lancer("envoyer")
    assert (code, sortie.splitlines()[1]) == (0, "    le contact n'est plus actif")

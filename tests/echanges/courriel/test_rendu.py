"""What each mail says, in both parts: by when, for whom, what to do, whom to call."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from echanges.courriel.rendu import MODELES, Rendu, VueRendue, rendre, typographier
from echanges.courriel.vues import Interlocuteur, StructureCitee
from echanges.courriel.vues_dossiers import VueRecuDossier
from tests.echanges.courriel.exemples import ACCEPTE, CADRE, COUCOUS, HEURES, REFUSE, RENARDS, TOUTES, campagne, genre
from tests.echanges.courriel.exemples_dossiers import AUTRES, BUDGET, FORMULAIRE
from tests.echanges.courriel.exemples_filoue import VUES


def simple(texte: str) -> str:
    """The words alone: spaces of any kind and line breaks as one space."""
    return re.sub(r"\s+", " ", texte)


class Lecteur(HTMLParser):
    """Collects what a person would read or a screen reader announce."""

    def __init__(self) -> None:
        super().__init__()
        self.balises: list[tuple[str, dict[str, str | None]]] = []
        self.mots: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.balises.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.balises and self.balises[-1][0] != "style":
            self.mots.append(data)

    @property
    def texte(self) -> str:
        return simple(" ".join(self.mots))


def lire(rendu: Rendu) -> Lecteur:
    lecteur = Lecteur()
    lecteur.feed(rendu.html)
    return lecteur


LUES: dict[str, tuple[str, VueRendue]] = {nom: (genre(nom), vue) for nom, vue in TOUTES.items()} | AUTRES


@pytest.fixture(params=LUES)
def rendu(request: pytest.FixtureRequest) -> Rendu:
    return rendre(*LUES[request.param])


def test_chaque_genre_a_son_exemple() -> None:
    genres = {sujet.parent.name for sujet in MODELES.glob("*/sujet.txt")}
    assert {modele for modele, _ in LUES.values()} | {modele for modele, _ in VUES.values()} == genres


def test_le_texte_se_lit_seul(rendu: Rendu) -> None:
    assert all(len(ligne) <= 78 for ligne in rendu.texte.splitlines())
    assert not re.search(r"</?(p|td|th|div|br|li)\b|&(nbsp|amp|lt|#39);|{{|{%|None", rendu.texte)
    assert "\n\n\n" not in rendu.texte
    assert rendu.texte.startswith("Bonjour Dominique")


def test_le_sujet_tient_sur_une_ligne(rendu: Rendu) -> None:
    assert "\n" not in rendu.sujet
    assert 20 < len(rendu.sujet) <= 120


def test_les_deux_parties_disent_qui_appeler_et_ce_qu_on_ne_demande_pas(rendu: Rendu) -> None:
    for texte in (simple(rendu.texte), lire(rendu).texte):
        assert "CA de Chaumont : 03 25 30 62 42" in texte
        assert "CC de l’Ouest Vosgien, aucun numéro direct n’est publié" in texte
        assert "action-sociale@caf52.example" in texte
        assert "jamais de mot de passe ni de coordonnées bancaires" in texte


def test_un_territoire_a_plusieurs_numeros_dit_lequel_sans_se_contredire() -> None:
    der = "CA du Grand Saint-Dizier"
    officiers = (
        Interlocuteur(der, "03.25.56.74.45", "volet enfance"),
        Interlocuteur(der, "", "hors volets enfance et jeunesse"),
    )
    rendu = rendre("ouverture", campagne(date(2026, 2, 8), cadre=replace(CADRE, interlocuteurs=officiers)))
    for texte in (simple(rendu.texte), lire(rendu).texte):
        assert "territoire CA du Grand Saint-Dizier, volet enfance : 03 25 56 74 45" in texte
        assert "Pour le territoire CA du Grand Saint-Dizier, hors volets enfance et jeunesse : écrivez-nous" in texte
        assert "aucun numéro" not in texte


def test_le_html_est_accessible(rendu: Rendu) -> None:
    lecteur = lire(rendu)
    balises = [nom for nom, _ in lecteur.balises]
    assert ("html", {"lang": "fr"}) in lecteur.balises
    assert balises.count("h1") == 1
    assert balises.count("title") == 1
    assert balises.count("caption") == balises.count("table")
    assert all(attributs.get("scope") in {"col", "row"} for nom, attributs in lecteur.balises if nom == "th")
    assert not {"img", "script", "link", "form"} & set(balises)
    assert "http" not in rendu.html


def test_rien_d_etat_ni_de_typographie_oubliee(rendu: Rendu) -> None:
    assert "Marianne" not in rendu.html
    assert not re.search(r" [:;!?»]|« ", rendu.texte)


@pytest.mark.parametrize(
    ("nom", "attendus"),
    [
        ("ouverture", ["vos 2 structures", "au plus tard le vendredi 27 février 2026 inclus", "EAJE-S001.xlsx"]),
        ("ouverture", ["vide ne veut pas dire zéro", "en répondant à ce courriel", "echeance.ics"]),
        ("groupe", ["Plusieurs campagnes", "Pour Les Petits Renards et Les <Coucous> & Cie", "mercredi 4 mars 2026"]),
        ("groupe", ["vous pouvez encore répondre jusqu’au", "Le paiement de la structure attend", "vos 2 structures"]),
        ("groupe_sans_agenda", ["Accueil de loisirs", "et 2 autres"]),
        ("relance", ["2 structures n’ont pas encore répondu", "notez-les dans votre agenda", "27 février 2026 inclus"]),
        ("relance", ["reçu le jeudi 12 février 2026 comportait des points à corriger"]),
        ("relance_apres", ["jusqu’au lundi 9 mars 2026 inclus", "Appelez-nous"]),
        ("accepte", ["numéro de reçu : 12", "rien d’autre à faire"]),
        ("alertes", ["après la date limite du vendredi 27 février 2026", "Un point mérite", "33 500 au plus"]),
        ("refuse", ["2 points nous empêchent", "Activité, cellule D12", "retour-a-corriger.xlsx"]),
        ("hors_delai", ["close depuis le lundi 9 mars 2026 au soir", "conservé sous le numéro 12", "Appelez-nous"]),
        ("deja_retenu", ["même fichier que celui du vendredi 20 février 2026, reçu sous le numéro 12", "rien d’autre"]),
        ("deja_remplace", ["c’est lui qui compte", "enregistrez-le de nouveau"]),
        ("deja_rejete", ["Ce sont les heures de 2024.", "version d’avant", "27 février 2026 inclus"]),
        ("deja_refuse", ["Ces points restent à corriger", "Activité, cellule D12", "retour-a-corriger.xlsx"]),
        ("deja_refuse_illisible", ["Ce point reste à corriger", "version d’avant"]),
        ("deja_hors_delai", ["après la clôture", "nous regarderons ensemble"]),
        ("deja_hors_delai_prolonge", ["Depuis, un délai vous a été donné", "vendredi 27 février 2026 inclus"]),
        ("deja_attendu_ailleurs", ["Actualisation de novembre 2026", "attend toujours votre réponse"]),
        ("rejet", ["celles de 2024 ; voyez 2025", "au plus tard le vendredi 27 février 2026 inclus", "appelez-nous"]),
        ("rejet_clos", ["nous chercherons une solution avec vous"]),
        ("refuse", ["au plus tard le vendredi 27 février 2026 inclus"]),
    ],
)
def test_ce_que_dit_chaque_courriel(nom: str, attendus: list[str]) -> None:
    rendu = rendre(genre(nom), TOUTES[nom])
    for texte in (simple(rendu.texte), lire(rendu).texte):
        for attendu in attendus:
            assert attendu in texte


@pytest.mark.parametrize(
    ("nom", "sujet"),
    [
        ("ouverture", "Réels 2025 : à renvoyer au plus tard le vendredi 27 février 2026"),
        ("relance", "Réels 2025 : réponse attendue d’ici au vendredi 27 février 2026"),
        ("groupe", "2 échéances avec la Caf, la première le mercredi 4 mars 2026"),
        ("relance_apres", "Réels 2025 : vous pouvez encore répondre jusqu’au lundi 9 mars 2026"),
        ("accepte", "Bien reçu : Les Petits Renards, Réels 2025 (reçu n° 12)"),
        ("refuse", "À corriger : Les Petits Renards, Réels 2025"),
        ("deja_refuse", "Déjà reçu : Les Petits Renards, Réels 2025"),
        ("rejet", "À reprendre : Les Petits Renards, Réels 2025"),
        ("hors_delai", "Reçu hors délai : Les Petits Renards, Réels 2025"),
    ],
)
def test_sujets(nom: str, sujet: str) -> None:
    assert simple(rendre(genre(nom), TOUTES[nom]).sujet) == sujet


def test_une_ouverture_rattrapee_apres_la_limite_le_dit() -> None:
    rendu = rendre("ouverture", campagne(date(2026, 3, 2)))
    assert "était le vendredi 27 février 2026" in simple(rendu.texte)
    assert "jusqu’au lundi 9 mars 2026" in simple(rendu.sujet)
    assert "echeance.ics" not in rendu.texte + rendu.html


def test_une_correction_apres_la_limite_a_jusqu_a_la_fin() -> None:
    rendu = rendre("reponse_depot", replace(REFUSE, recu_le=date(2026, 2, 28)))
    assert "au plus tard le lundi 9 mars 2026 inclus" in simple(rendu.texte)
    apres = rendre("reponse_depot", replace(REFUSE, recu_le=date(2026, 3, 10)))
    assert "au plus tard" not in simple(apres.texte)


def test_le_html_echappe_ce_qui_vient_d_ailleurs() -> None:
    rendu = rendre("ouverture", campagne(date(2026, 2, 8), COUCOUS))
    assert "&lt;Coucous&gt; &amp; Cie" in rendu.html
    assert "Les <Coucous> & Cie" in rendu.texte
    assert "<b>mille" not in rendre("reponse_depot", REFUSE).html


def test_demonstration_et_essai_se_disent_partout() -> None:
    cadre = replace(CADRE, demonstration=True, test_pour="d.petit@chaumont.example")
    for vue, nom in (
        (campagne(date(2026, 2, 8), cadre=cadre), "ouverture"),
        (replace(ACCEPTE, cadre=cadre), "accepte"),
    ):
        rendu = rendre(genre(nom), vue)
        assert rendu.sujet.startswith("[TEST] [DÉMONSTRATION] ")
        for texte in (rendu.texte, lire(rendu).texte):
            assert "d.petit@chaumont.example" in texte
            assert "chiffres sont inventés" in simple(texte)


def test_sans_classeur_on_ecrit_a_la_caf() -> None:
    rendu = rendre("relance", campagne(date(2026, 2, 20), replace(RENARDS, fichier="")))
    assert "écrivez-nous, nous vous l’enverrons" in simple(rendu.texte)


def test_trente_cinq_points_sont_tous_dits() -> None:
    points = tuple(replace(HEURES, cellule=f"D{rang}") for rang in range(1, 36))
    rendu = rendre("reponse_depot", replace(REFUSE, a_corriger=points))
    assert "35 points nous empêchent" in simple(rendu.texte)
    for rang in range(1, 36):
        assert f"{rang}. Activité, cellule D{rang}\n" in rendu.texte
        assert f"cellule D{rang}</th>" in rendu.html


@pytest.mark.parametrize(
    ("brut", "lu"),
    [
        ("« Appel « Plan mercredi » » : oui", "« Appel “Plan mercredi” » : oui"),
        ("« A « b » et « c » » puis « d »", "« A “b” et “c” » puis « d »"),
        ("« a » et « b »", "« a » et « b »"),
        ("« a\n« b »", "« a\n« b »"),
        ("le n° 12 ; fini", "le n° 12 ; fini"),
    ],
)
def test_la_typographie_tient_les_guillemets_et_les_numeros(brut: str, lu: str) -> None:
    assert typographier(brut).replace("\u202f", " ").replace("\u00a0", " ") == lu
    assert "n° " not in typographier(brut)


@pytest.mark.parametrize(
    ("structures", "dits"),
    [
        ((RENARDS,), ("Le paiement de la structure attend cette réponse.", "Complétez le classeur joint.")),
        ((RENARDS, COUCOUS), ("Le paiement de ces structures attend ces réponses.", "Complétez les classeurs joints.")),
    ],
)
def test_une_relance_apres_la_limite_s_accorde(structures: tuple[StructureCitee, ...], dits: tuple[str, ...]) -> None:
    rendu = rendre("relance_apres", campagne(date(2026, 3, 2), *structures))
    for dit in dits:
        assert dit in simple(rendu.texte)
        assert dit in lire(rendu).texte


def test_une_piece_refusee_ne_recoit_de_merci_dans_aucune_partie() -> None:
    genre, vue = AUTRES["pièce reçue"]
    refusee = rendre(genre, vue)
    assert isinstance(vue, VueRecuDossier)
    venue = rendre(genre, replace(vue, dossier=replace(vue.dossier, pieces=(FORMULAIRE, BUDGET))))
    for merci, rendu in ((False, refusee), (True, venue)):
        for dit in (simple(rendu.texte), lire(rendu).texte):
            assert ("Merci pour ce que vous avez envoyé" in dit) is merci

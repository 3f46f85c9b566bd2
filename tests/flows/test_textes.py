"""What the team reads: protected names, the figures that count, nothing that HTML or Markdown would take over."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.courriels import BilanEnvoi
from operations.droits import BilanDroits, LigneDroit
from operations.exports import ExportFait
from operations.lots import LigneResume, ResumeLot
from operations.suivi import Avancement
from regles.etats import EtatLot
from tasks import textes
from tasks.liberations import suite_d_un_export_refuse

LIGNES = tuple(
    LigneResume(f"EAJE{i:02d}", f"Crèche | {i}", "Commune <b>", 100_000, 1_000 * i, alertes=int(i == 3))
    for i in range(1, 13)
)


def lot(*tentatives: str) -> ResumeLot:
    return ResumeLot(
        1, "reels-2025-a-lot-01", "reels-2025-a", EtatLot.PROPOSE, "j.moreau", datetime(2026, 3, 12, 8, tzinfo=UTC),
        "a.leroy", 12, 78_000, LIGNES, "DÉMONSTRATION", tentatives, dernier_refus="".join(tentatives[-1:]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("nom", "protege"),
    [
        ("L'Île aux Doudous", "L'Île aux Doudous"),
        ("a|b", r"a\|b"),
        ("<img src=x>", r"\<img src=x\>"),
        ("[lien](x)\n# titre", r"\[lien\](x) \# titre"),
    ],
)
def test_proteger(nom: str, protege: str) -> None:
    assert textes.proteger(nom) == protege


def test_le_lot_montre_les_plus_gros_et_compte_le_reste() -> None:
    texte = textes.lot(lot())
    assert "12 versement(s), 780,00\u00a0€" in texte
    assert texte.index("EAJE12") < texte.index("EAJE03")
    assert "EAJE02" not in texte
    assert "et 2 autre(s), 30,00\u00a0€" in texte
    assert "1 ligne(s) dont la déclaration portait des alertes" in texte
    assert "**DÉMONSTRATION**" in texte
    assert "le 12/03/2026 à 09:00" in texte


def test_ce_qu_on_signe_vient_avant_ce_qui_l_explique() -> None:
    texte = textes.lot(lot())
    assert "| Structure | À verser | Compte | Alertes | Droit | Nature |" in texte
    assert "| EAJE12 Crèche \\| 12<br>Commune \\<b\\> | 120,00\u00a0€ |  |  | 1\u202f000,00\u00a0€ | solde |" in texte
    retenu = textes.lot(replace(lot(), lignes=(*LIGNES[:-1], replace(LIGNES[-1], retenue_centimes=500))))
    assert "| Structure | À verser | Compte | Alertes | Droit | Dû | Indu retenu |" in retenu
    assert "| solde 125,00\u00a0€ | 5,00\u00a0€ |" in retenu


def test_un_compte_jamais_paye_se_dit_meme_parmi_les_petits() -> None:
    assert "Premier versement" not in textes.lot(lot())
    nouvelles = tuple(replace(ligne, compte_nouveau=ligne.structure in {"EAJE01", "EAJE12"}) for ligne in LIGNES)
    texte = textes.lot(replace(lot(), lignes=nouvelles))
    assert "**Premier versement à ce compte** : EAJE01, EAJE12." in texte
    assert "| nouveau | " in next(ligne for ligne in texte.splitlines() if ligne.startswith("| EAJE12"))


def test_le_rappel_dit_d_abord_pourquoi_la_reponse_n_a_pas_ete_retenue() -> None:
    assert "non retenue" not in textes.rappel_du_lot(lot())
    texte = textes.rappel_du_lot(lot("premier refus", "pas habilité(e)"))
    assert texte.index("pas habilité(e)") < texte.index("780,00\u00a0€")
    assert "premier refus" not in texte


def test_une_reponse_refusee_puis_reprise_ne_se_dit_plus() -> None:
    signe = replace(lot("premier refus"), dernier_refus="", etat=EtatLot.ORDONNANCE, ordonne_par="m.lefevre")
    for texte in (textes.rappel_du_lot(signe), textes.demande_de_decision(signe, "x")):
        assert "premier refus" not in texte
        assert "Ordonnancé par m.lefevre : à **viser** par une troisième personne" in texte


def test_la_page_d_un_lot_demande_le_code_et_dit_qui_ne_signe_pas_deux_fois() -> None:
    texte = textes.demande_de_decision(lot(), "x")
    assert "votre identifiant et, si vous en avez un, votre code personnel" in texte
    assert "la base de données refuse qu’une même personne signe deux fois" in texte


def test_le_rappel_dit_les_plus_gros_ecarts_les_comptes_et_les_alertes() -> None:
    avant = {"EAJE01": 1_000, "EAJE02": 100, "EAJE03": 9_000, "EAJE04": 3_999, "EAJE05": 5_001}
    lignes = tuple(
        replace(li, precedent_centimes=avant.get(li.structure), compte_nouveau=li.structure == "EAJE07")
        for li in LIGNES
    )
    texte = textes.rappel_du_lot(replace(lot(), lignes=lignes))
    assert (
        "**Plus gros écarts avec le versement précédent** : EAJE03 30,00\u00a0€ au lieu de 90,00\u00a0€ ; "
        "EAJE02 20,00\u00a0€ au lieu de 1,00\u00a0€ ; EAJE04 40,00\u00a0€ au lieu de 39,99\u00a0€, et 1 autre(s)."
    ) in texte
    assert "**Premier versement à ce compte** : EAJE07." in texte
    assert "**1** ligne(s) dont la déclaration portait des alertes." in texte


def test_l_export_donne_les_empreintes() -> None:
    texte = textes.export(lot(), [ExportFait("csv", Path("/var/exports/l/bordereau.csv"), "ab" * 32)])
    assert "bordereau.csv | " + "ab" * 32 in texte
    assert "visés par **a.leroy**" in texte
    assert "modifié" not in texte


def test_l_export_dit_le_fichier_modifie_sur_le_disque() -> None:
    texte = textes.export(lot(), [ExportFait("xml", Path("/var/exports/l/virements.xml"), "ab" * 32, altere=True)])
    assert "modifié sur le disque depuis l'export : virements.xml" in texte


def test_une_simulation_n_est_pas_dans_le_total() -> None:
    bilan = BilanDroits(
        1,
        (
            LigneDroit("EAJE01", "A", 10_000, True, ()),
            LigneDroit("EAJE02", "B", 99_999, False, ("psu.plafond.p120 est inconnu",)),
        ),
    )
    texte = textes.droits(bilan, "Réels 2025", "")
    assert "1 droit(s) payable(s), total **100,00\u00a0€**" in texte
    assert texte.index("jamais payables") < texte.index("psu.plafond.p120 est inconnu")
    assert "DÉMONSTRATION" not in texte


def test_la_synthese_liste_ce_qui_manque_seulement() -> None:
    commun = {"Gestionnaire": "G", "Territoire": "T", "Reçu le": "", "Alertes": ""}
    ou = Avancement(
        "reels-2025-a", "Réels 2025 EAJE", 3, 1, 1, 1, 2, True, 20,
        (
            {"rang": "0", "Structure": "EAJE01 A", "État": "rien reçu", **commun},
            {"rang": "1", "Structure": "EAJE02 B", "État": "à corriger par le partenaire", **commun},
            {"rang": "3", "Structure": "EAJE03 C", "État": "validée", **commun},
        ), "",
    )  # fmt: skip
    texte = textes.synthese(ou, "vendredi 27 février 2026", "clore, mardi 10 mars 2026", "id-du-tableau")
    assert texte.startswith("# Réels 2025 EAJE : 1 reçus sur 3")
    assert "**2**, dont 1 à corriger" in texte
    assert "**dépassée**" in texte
    assert "EAJE01 A" in texte
    assert "EAJE03 C" not in texte
    assert "/artifacts/artifact/id-du-tableau" in texte
    assert [ligne["Structure"] for ligne in textes.lignes_du_suivi(ou)] == ["EAJE01 A", "EAJE02 B", "EAJE03 C"]
    assert all("rang" not in ligne for ligne in textes.lignes_du_suivi(ou))


@pytest.mark.parametrize(
    ("bilan", "phrase"),
    [
        (BilanEnvoi(), ""),
        (BilanEnvoi(envoyes=3), "Courriels : 3 envoyé(s)."),
        (BilanEnvoi(envoyes=2, reunis=3, reportes=1),
         "Courriels : 2 envoyé(s), 3 parti(s) dans le courriel d’une autre campagne, 1 reporté(s) au prochain jour."),
        (BilanEnvoi(envoyes=1, sans_objet=2, a_verifier=1),
         "Courriels : 1 envoyé(s), 2 devenu(s) sans objet, 1 à vérifier par quelqu’un."),
    ],
)  # fmt: skip
def test_le_sort_des_courriels(bilan: BilanEnvoi, phrase: str) -> None:
    assert textes.envoi(bilan) == phrase


@pytest.mark.parametrize(
    ("etat", "dit", "tait"),
    [
        (EtatLot.LIBERE, "garde son visa, rien n’est exporté", "exporté, il"),
        (EtatLot.EXPORTE, "est exporté, il ne se refuse plus", "refusez le lot"),
    ],
)
def test_un_export_arrete_dit_ce_qui_reste_a_faire(etat: EtatLot, dit: str, tait: str) -> None:
    texte = suite_d_un_export_refuse(replace(lot(), etat=etat), "Le disque est plein.")
    assert (texte.startswith("Le disque est plein. "), dit in texte, tait in texte) == (True, True, False)

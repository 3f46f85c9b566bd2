"""What the calendar decides: one mail a person, never to who answered, each action once, nothing lost by an outage."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import ActionJouee, Contact, LigneJournal, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.relances import actions_a_jouer, apercu, clore, jouer, ouvrir, relancer, sauter
from operations.suivi import avancement
from regles.calendrier import ActionDatee
from regles.etats import EtatAction, EtatCourriel, EtatDeclaration
from schemas.configuration.yaml_strict import ErreurDeConfiguration
from tests.operations.reseau_exemple import ETAPE, courriels, installer, ouvrir_sans_courriel, repondre

OUVERTURE, AVANT, APRES, CLOTURE = date(2026, 2, 8), date(2026, 2, 20), date(2026, 2, 28), date(2026, 3, 10)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def structures(ctx: Contexte) -> dict[str, list[str]]:
    """Key of each mail without its genre and step, and the structures it speaks of."""
    return {cle.split(":", 2)[2]: c.structures for cle, c in courriels(ctx).items()}


def test_un_courriel_par_personne_pour_toutes_ses_structures(ctx: Contexte) -> None:
    bilan = ouvrir(ctx, ETAPE, OUVERTURE)
    assert (bilan.etat, bilan.courriels, bilan.structures) == (EtatAction.FAITE, 3, 5)
    # Alix is the contact of two partners, under one address.
    assert sorted(structures(ctx).values()) == [["S1", "S2", "S5"], ["S3"], ["S3"]]
    assert {c.etat for c in courriels(ctx).values()} == {EtatCourriel.A_ENVOYER}
    assert bilan.sans_contact == ("P3 Ville P3",)
    assert "Sans contact : P3 Ville P3" in bilan.message
    assert "à tenir à la main" not in bilan.message


def test_la_seconde_fois_ne_fait_rien(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    bilan = ouvrir(ctx, ETAPE, OUVERTURE)
    assert (bilan.courriels, len(courriels(ctx))) == (0, 3)
    assert "déjà faite le dimanche 8" in bilan.message


def test_rouverte_par_une_personne_elle_n_ecrit_qu_a_qui_n_avait_rien(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    with transaction(ctx.moteur) as session:
        session.add(Contact(partenaire_id=3, nom="Trouvée", courriel="trouvee@joinville.example"))
    assert ouvrir(ctx, ETAPE, AVANT).courriels == 0  # the calendar opens once
    assert ouvrir(ctx, ETAPE, AVANT, "c.martin").courriels == 1
    assert list(courriels(ctx).values())[-1].structures == ["S4"]
    assert "déjà faite" in ouvrir(ctx, ETAPE, AVANT, "c.martin").message
    assert len(courriels(ctx)) == 4


def test_rouverte_apres_la_cloture_elle_n_ecrit_a_personne(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    with transaction(ctx.moteur) as session:
        session.add(Contact(partenaire_id=3, nom="Trouvée", courriel="trouvee@joinville.example"))
    assert ouvrir(ctx, ETAPE, CLOTURE, "c.martin").courriels == 0
    with pytest.raises(ActeRefuse, match="n'est pas une personne de l'équipe"):
        ouvrir(ctx, ETAPE, AVANT, "inconnue")
    assert len(courriels(ctx)) == 3


def test_deux_processus_a_la_fois_n_ecrivent_qu_une_fois(ctx: Contexte) -> None:
    with ThreadPoolExecutor(4) as executeur:
        bilans = list(executeur.map(lambda _: ouvrir(ctx, ETAPE, OUVERTURE), range(4)))
    assert sorted(b.courriels for b in bilans) == [0, 0, 0, 3]
    assert len(courriels(ctx)) == 3


def test_une_relance_ne_va_qu_a_ceux_qui_doivent(ctx: Contexte) -> None:
    ouvrir_sans_courriel(ctx)
    repondre(ctx, "S1", "S3")
    repondre(ctx, "S5", etat=EtatDeclaration.REJETEE)
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert (bilan.courriels, bilan.structures) == (1, 3)
    assert structures(ctx) == {"j-7:1": ["S2", "S5"]}


@pytest.mark.parametrize(
    ("ouverte_le", "fermee_le", "attendue"),
    [
        (None, date(2024, 12, 31), False),
        (None, date(2025, 1, 1), True),
        (date(2025, 12, 31), None, True),
        (date(2026, 1, 1), None, False),
    ],
)
def test_une_structure_sans_un_jour_dans_l_exercice_ne_doit_rien(
    ctx: Contexte, ouverte_le: date | None, fermee_le: date | None, *, attendue: bool
) -> None:
    with transaction(ctx.moteur) as session:
        s3 = session.exec(select(Structure).where(Structure.code == "S3")).one()
        s3.ouverte_le, s3.fermee_le = ouverte_le, fermee_le
    assert ouvrir(ctx, ETAPE, OUVERTURE).structures == 4 + attendue
    assert (["S3"] in structures(ctx).values()) is attendue
    assert avancement(ctx, ETAPE, OUVERTURE).attendues == 4 + attendue
    repondre(ctx, "S3")  # what came is never lost sight of
    assert avancement(ctx, ETAPE, OUVERTURE).attendues == 5


def test_quand_tous_ont_repondu_la_relance_est_sautee(ctx: Contexte) -> None:
    ouvrir_sans_courriel(ctx)
    repondre(ctx, "S1", "S2", "S3", "S4", "S5")
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert bilan.etat is EtatAction.SAUTEE
    assert "-relancer-" not in bilan.message
    assert "toutes les structures ont répondu" in bilan.message
    assert courriels(ctx) == {}


def test_l_acte_et_ses_courriels_vont_ensemble_au_journal(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, par="c.martin")
    with transaction(ctx.moteur) as session:
        (ligne,) = session.exec(select(LigneJournal))
    assert (ligne.par, ligne.objet, ligne.objet_id, ligne.action) == ("c.martin", "etape", ETAPE, "ouvrir")
    assert '"courriels": 3' in ligne.details
    assert "@" not in ligne.details


def test_trop_de_courriels_demandent_une_confirmation(ctx: Contexte) -> None:
    relances = ctx.reglages.fichier.relances.model_copy(update={"plafond_courriels": 2})
    fichier = ctx.reglages.fichier.model_copy(update={"relances": relances})
    prudent = Contexte(ctx.reglages.model_copy(update={"fichier": fichier}), ctx.moteur)
    with pytest.raises(ActeRefuse, match="3 courriels, plus que le plafond de 2"):
        ouvrir(prudent, ETAPE, OUVERTURE)
    assert courriels(ctx) == {}
    assert ouvrir(prudent, ETAPE, OUVERTURE, confirme=True).courriels == 3


@pytest.mark.parametrize(
    ("verbe", "jour", "phrase"),
    [
        ("ouvrir", date(2026, 2, 7), "« Ouverture : Réels 2025 (EAJE, RPE…) » est prévue le dimanche 8"),
        ("relancer", date(2026, 2, 19), "« Relance n° 1 : Réels 2025 (EAJE, RPE…) » est prévue le vendredi 20"),
        ("clore", date(2026, 3, 9), "« Clôture : Réels 2025 (EAJE, RPE…) » est prévue le mardi 10"),
    ],
)
def test_rien_ne_se_joue_avant_son_jour(ctx: Contexte, verbe: str, jour: date, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=re.escape(phrase)):
        {"ouvrir": ouvrir, "clore": clore, "relancer": lambda c, e, j: relancer(c, e, 1, j)}[verbe](ctx, ETAPE, jour)


def test_un_rang_ou_un_acte_inconnu_est_refuse(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="de rang 3"):
        relancer(ctx, ETAPE, 3, AVANT)
    with pytest.raises(ActeRefuse, match="Le calendrier ne prévoit pas"):
        clore(ctx, "acompte-1-2026", AVANT)


def test_une_declaration_hors_d_afas_est_seulement_notee(ctx: Contexte, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(ctx.reglages.config, config)
    calendrier = config / "calendrier" / "2026.yaml"
    texte = calendrier.read_text(encoding="utf-8")
    debut = texte.index(f"  - id: {ETAPE}")
    calendrier.write_text(texte[:debut] + texte[debut:].replace("canal: AFAS", "canal: papier", 1), encoding="utf-8")
    ailleurs = Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)
    acte = ouvrir(ailleurs, ETAPE, OUVERTURE)
    assert acte.etat is EtatAction.FAITE
    assert "(le calendrier n'attend pas ses réponses sur AFAS)" in acte.message
    assert courriels(ctx) == {}
    assert avancement(ailleurs, ETAPE, OUVERTURE).attendues == 0


def test_le_depart_d_un_acompte_dit_qui_est_pret_et_qui_ne_l_est_pas(ctx: Contexte) -> None:
    acte = ouvrir(ctx, "acompte-1-2026", date(2026, 1, 5))
    assert (acte.etat, acte.courriels) == (EtatAction.FAITE, 0)
    assert "aucune structure prête. 5 pas encore : prévisionnel non reçu (S1, S2, S3, S4, S5)." in acte.message
    assert courriels(ctx) == {}


def test_une_prestation_que_le_registre_ne_collecte_pas_se_tient_a_la_main(ctx: Contexte, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(ctx.reglages.config, config)
    registre = config / "prestations.yaml"
    non = "{collecte: non, droit: non, paiement: non, raison: Essai}"
    registre.write_text(
        registre.read_text(encoding="utf-8").replace(
            "  EVS: *sans_actualisation", f"  EVS: {{previsionnel: {non}, actualisation: {non}, reel: {non}}}"
        ),
        encoding="utf-8",
    )
    sans_evs = Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)
    assert apercu(sans_evs, ETAPE, 0, OUVERTURE).a_la_main == ("EVS",)
    assert ouvrir(sans_evs, ETAPE, OUVERTURE).message.count("EVS : à tenir à la main.") == 1


def rattraper(ctx: Contexte, jour: date) -> tuple[list[str], list[str]]:
    """What the daily run does for the step; keys played and skipped."""
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)

    def de_l_etape(actions: tuple[ActionDatee, ...]) -> list[ActionDatee]:
        return [a for a in actions if a.etape == ETAPE]

    jouees = [jouer(ctx, a, jour).cle for a in de_l_etape(a_jouer)]
    sautees = [sauter(ctx, a, jour).cle for a in de_l_etape(a_sauter)]
    return [c.removeprefix(f"{ETAPE}-") for c in jouees], [c.removeprefix(f"{ETAPE}-") for c in sautees]


def test_une_annee_sans_incident(ctx: Contexte) -> None:
    joues = {jour: rattraper(ctx, jour)[0] for jour in (OUVERTURE, AVANT, date(2026, 2, 27), APRES, CLOTURE)}
    assert joues == {
        OUVERTURE: ["ouvrir"],
        AVANT: ["relancer-j-7"],
        date(2026, 2, 27): [],
        APRES: ["relancer-j+1"],
        CLOTURE: ["clore"],
    }
    assert rattraper(ctx, date(2026, 3, 20)) == ([], [])


def test_un_arret_de_dix_jours_ne_donne_qu_une_relance(ctx: Contexte) -> None:
    rattraper(ctx, date(2026, 2, 19))
    assert rattraper(ctx, date(2026, 3, 1)) == (["relancer-j+1"], ["relancer-j-7"])
    assert {c.rang for c in courriels(ctx).values() if c.genre == "relance"} == {2}
    assert rattraper(ctx, date(2026, 3, 1)) == ([], [])


def test_un_horaire_arrive_trop_tard_saute_de_lui_meme(ctx: Contexte) -> None:
    """Late runs of an orchestrator come in no order: the first reminder after the second writes nothing."""
    ouvrir(ctx, ETAPE, OUVERTURE)
    relancer(ctx, ETAPE, 2, date(2026, 3, 1))
    bilan = relancer(ctx, ETAPE, 1, date(2026, 3, 1))
    assert (bilan.etat, bilan.courriels) == (EtatAction.SAUTEE, 0)


def test_une_ouverture_manquee_tient_lieu_de_relance(ctx: Contexte) -> None:
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert bilan.etat is EtatAction.SAUTEE
    assert "l'ouverture n'est pas encore partie" in bilan.message
    assert ouvrir(ctx, ETAPE, AVANT).courriels == 3


def test_un_arret_jusqu_apres_la_cloture_n_ecrit_a_personne(ctx: Contexte) -> None:
    assert rattraper(ctx, date(2026, 3, 12)) == (["clore"], ["ouvrir", "relancer-j-7", "relancer-j+1"])
    assert courriels(ctx) == {}


def test_la_cloture_dit_qui_manque(ctx: Contexte) -> None:
    repondre(ctx, "S1", "S2", "S3")
    message = clore(ctx, ETAPE, CLOTURE).message
    assert "close, 2 structure(s) sans réponse (S4, S5)." in message
    assert message.endswith("À décider : à valider par l’équipe (S1, S2, S3) ; appel à passer (P3, P4).")


def test_l_apercu_dit_a_qui_sans_rien_ecrire(ctx: Contexte) -> None:
    repondre(ctx, "S3")
    prevu = apercu(ctx, ETAPE, 1, AVANT)
    assert [(p.adresse, [code for code, _ in p.structures]) for p in prevu.destinataires] == [
        ("alix@chaumont.example", ["S1", "S2", "S5"])
    ]
    assert prevu.sans_contact == ("P3 Ville P3",)
    assert prevu.a_la_main == ()
    with transaction(ctx.moteur) as session:
        assert session.exec(select(ActionJouee)).all() == []
    assert courriels(ctx) == {}


def test_sans_aucun_contact_l_ouverture_le_dit(contexte: Contexte) -> None:
    installer(contexte)
    with transaction(contexte.moteur) as session:
        for contact in session.exec(select(Contact)):
            contact.actif = False
    bilan = ouvrir(contexte, ETAPE, OUVERTURE)
    assert (bilan.courriels, bilan.structures) == (0, 5)
    assert len(bilan.sans_contact) == 4


def avec_decalages(ctx: Contexte, dossier: Path, *decalages: int) -> Contexte:
    """The same installation under another default plan."""
    config = dossier / "config"
    shutil.copytree(ctx.reglages.config, config)
    demarches = config / "demarches.yaml"
    texte = demarches.read_text(encoding="utf-8")
    assert "{decalages: [-7, 1]," in texte
    demarches.write_text(texte.replace("{decalages: [-7, 1],", f"{{decalages: {list(decalages)},"), encoding="utf-8")
    return Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)


def test_changer_les_decalages_ne_rejoue_rien(ctx: Contexte, tmp_path: Path) -> None:
    rattraper(ctx, OUVERTURE)
    rattraper(ctx, AVANT)
    change = avec_decalages(ctx, tmp_path, -10, -7, 3)
    assert rattraper(change, date(2026, 2, 21)) == ([], ["relancer-j-10"])
    assert relancer(change, ETAPE, 2, date(2026, 2, 21)).message.startswith(f"« {ETAPE}-relancer-j-7 » : déjà faite")
    assert rattraper(change, date(2026, 3, 2)) == (["relancer-j+3"], [])
    assert {cle.split(":")[2] for cle in courriels(ctx) if cle.startswith("relance")} == {"j-7", "j+3"}


def test_un_registre_d_avant_n_est_pas_rejoue(ctx: Contexte) -> None:
    """Reminders were once kept under their rank."""
    rattraper(ctx, OUVERTURE)
    instant = ctx.maintenant(AVANT)
    with transaction(ctx.moteur) as session:
        session.add(
            ActionJouee(
                cle=f"{ETAPE}-relancer-1", etape=ETAPE, verbe="relancer", rang=1, etat=EtatAction.FAITE, le=instant,
                par="calendrier",
            )
        )  # fmt: skip
    assert rattraper(ctx, date(2026, 2, 21)) == ([], [])
    assert "déjà faite le vendredi 20" in relancer(ctx, ETAPE, 1, date(2026, 2, 21)).message
    assert rattraper(ctx, APRES) == (["relancer-j+1"], [])


def test_un_plan_trop_bavard_est_refuse(ctx: Contexte, tmp_path: Path) -> None:
    """Three reminders of ours and the calendar's own, two days later: one too many."""
    change = avec_decalages(ctx, tmp_path, -14, -7, 1)
    calendrier = change.reglages.config / "calendrier" / "2026.yaml"
    texte = calendrier.read_text(encoding="utf-8").replace(
        "derniere_relance: 2026-01-04", "derniere_relance: 2026-01-06"
    )
    calendrier.write_text(texte, encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match="5 courriels automatiques pour « previsionnels-2026-a »"):
        actions_a_jouer(change, AVANT)


def test_l_apercu_d_une_action_jouee_dit_quand_et_ne_liste_plus_personne(contexte: Contexte) -> None:
    installer(contexte)
    assert apercu(contexte, ETAPE, 0, OUVERTURE).deja == ""
    ouvrir(contexte, ETAPE, OUVERTURE)
    prevu = apercu(contexte, ETAPE, 0, AVANT)
    assert (prevu.destinataires, prevu.deja) == ((), "Déjà partie le dimanche 8\u00a0février\u00a02026.")
    repondre(contexte, "S1", "S2", "S3", "S4", "S5")
    relancer(contexte, ETAPE, 1, AVANT)
    assert apercu(contexte, ETAPE, 1, AVANT).deja.endswith(": toutes les structures ont répondu.")

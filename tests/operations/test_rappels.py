"""Rappels: the PSU revaluation over a whole département, before, after, and nothing due until a person confirms."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from modeles.base import transaction
from modeles.tables import Contact, Convention, Courriel, Declaration, LigneJournal, Partenaire, Structure
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte
from operations.droits import calculer_droits, entrees_du_droit, typer_entrees
from operations.dus import preparer_dus
from operations.indus import lister_indus
from operations.journal import verifier_journal
from operations.lots import proposer_lot, resume_lot
from operations.rappels import (
    LISTE_CHANGEE,
    calculer_rappels,
    confirmer_rappels,
    presenter_rappels,
    renoncer_aux_rappels,
)
from regles.calcul import calculer_droit
from regles.etats import NatureVersement
from regles.rappels import ListeRappels
from tests.operations.argent import ETAPE, LIBERE, PROPOSE, ajouter_partenaire, ajouter_reprise, etats, liberer
from tests.operations.revalorisations import (
    ACOMPTE_1,
    APRES,
    AVANT,
    PREVISIONNELS,
    STRUCTURES,
    Publication,
    avec_publications,
    calculer_et_payer,
    declarer,
    payer,
    peupler,
)

MOTIF = "revalorisation de la PSU, lue le 16/12/2025"
EXERCICES = (2025, 2026)


@pytest.fixture
def paye(contexte_deux_bases: Contexte) -> Contexte:
    """A département whose réels 2025 are paid as known before the revaluation."""
    peupler(contexte_deux_bases)
    calculer_et_payer(contexte_deux_bases, AVANT)
    return contexte_deux_bases


@pytest.fixture
def trois(contexte: Contexte) -> Contexte:
    """The same, with three crèches."""
    peupler(contexte, 3)
    calculer_et_payer(contexte, AVANT)
    return contexte


def liste(ctx: Contexte, jour: date = APRES) -> ListeRappels:
    return calculer_rappels(ctx, EXERCICES, jour)


def confirmer(ctx: Contexte, jour: date = APRES, par: str = PROPOSE) -> dict[NatureVersement, tuple[int, int]]:
    return confirmer_rappels(ctx, EXERCICES, liste(ctx, jour).empreinte, par, MOTIF, jour).dus.ecrits


def recalcul(ctx: Contexte, session: Session, declaration: Declaration, jour: date) -> int:
    """The right from scratch, as known on a day."""
    structure = session.get_one(Structure, declaration.structure_id)
    entrees = typer_entrees("EAJE", entrees_du_droit(session, declaration, structure))
    droit = calculer_droit("EAJE", declaration.nature, declaration.exercice, entrees, bareme(ctx), jour)
    assert droit.droit_centimes is not None
    return droit.droit_centimes


def photographier(ctx: Contexte) -> list[tuple[object, ...]]:
    with transaction(ctx.moteur) as session:
        return [tuple(rangee) for rangee in session.execute(text("SELECT * FROM droit ORDER BY id"))]


def test_la_revalorisation_de_la_psu_sur_un_departement(paye: Contexte) -> None:
    """Before, after, difference per structure: those of a full recomputation, to the cent."""
    anciens = photographier(paye)
    lue = liste(paye)
    assert (len(lue.lignes), lue.a_part) == (STRUCTURES, ())
    with transaction(paye.moteur) as session:
        for declaration in session.exec(select(Declaration)):
            ligne = lue.lignes[declaration.structure_id - 1]
            avant, apres = (recalcul(paye, session, declaration, jour) for jour in (AVANT, APRES))
            assert (ligne.avant_centimes, ligne.apres_centimes) == (avant, apres)
            assert ligne.signe_centimes == ligne.difference_centimes == apres - avant
            assert (ligne.regle_centimes, ligne.cible_centimes) == (avant, apres)
            facturees, realisees = (int(declaration.donnees[f"heures_{quoi}"]) for quoi in ("facturees", "realisees"))
            if facturees * 100 >= realisees * 120 or not declaration.donnees["couches_et_repas"]:
                assert not ligne.change
    assert 10 < len(lue.changees) < STRUCTURES
    assert sum(ligne.difference_centimes for ligne in lue.lignes) == lue.difference_centimes == lue.a_payer_centimes
    assert lue.a_recouvrer_centimes == 0
    assert photographier(paye) == anciens

    assert confirmer(paye) == {NatureVersement.RAPPEL: (len(lue.changees), lue.a_payer_centimes)}
    assert photographier(paye)[:STRUCTURES] == anciens
    assert len(photographier(paye)) == STRUCTURES + len(lue.changees)
    lot = proposer_lot(paye, ETAPE, PROPOSE, APRES)
    assert lot is not None
    assert resume_lot(paye, lot).total_centimes == lue.a_payer_centimes
    liberer(paye, lot, APRES)
    apres = liste(paye)
    assert (apres.changees, apres.avant_centimes) == ((), lue.apres_centimes)
    assert sum(ligne.regle_centimes for ligne in apres.lignes) == lue.apres_centimes
    assert verifier_journal(paye).rupture is None


def test_le_montant_d_un_rappel_a_la_main(trois: Contexte) -> None:
    """66 % × 0.201 €/h over 35 200 h, 3 journées × 10 h × 20 places, 4 h × 45 children."""
    ligne = liste(trois).lignes[0]
    assert ligne.difference_centimes == 477_311
    assert ligne.motif == (
        "Prix plafond P107, taux jusqu'à 107\u00a0%, couches et repas fournis\u00a0: "
        "10,05\u00a0€/h → 10,251\u00a0€/h (connu le 16/12/2025)."
    )


def test_rien_avant_la_publication(trois: Contexte) -> None:
    lue = liste(trois, APRES - timedelta(days=1))
    assert (lue.changees, lue.difference_centimes) == ((), 0)
    with pytest.raises(ActeRefuse, match="Rien à confirmer"):
        confirmer(trois, APRES - timedelta(days=1))


def test_confirmer_deux_fois_n_ecrit_qu_une_fois(paye: Contexte) -> None:
    empreinte = liste(paye).empreinte
    premier = confirmer_rappels(paye, EXERCICES, empreinte, PROPOSE, MOTIF, APRES)
    ecrits = etats(paye)
    second = confirmer_rappels(paye, EXERCICES, empreinte, PROPOSE, MOTIF, APRES)
    assert (premier.etapes, premier.deja_par) == ((ETAPE,), "")
    assert (second.dus.ecrits, second.droits, second.deja_par) == ({}, 0, PROPOSE)
    assert etats(paye) == ecrits


def test_ni_les_droits_ni_les_dus_ne_reviennent_sur_un_rappel_confirme(trois: Contexte) -> None:
    """The ordinary computation leaves a paid right alone, even when its rappel is not paid yet."""
    confirmer(trois)
    ecrits, droits = etats(trois), photographier(trois)
    assert calculer_droits(trois, ETAPE, APRES + timedelta(days=60)).nouveaux == 0
    assert preparer_dus(trois, ETAPE, APRES + timedelta(days=60)).ecrits == {}
    assert (etats(trois), photographier(trois)) == (ecrits, droits)


def test_le_journal_dit_qui_pourquoi_et_quelle_liste(trois: Contexte) -> None:
    lue = liste(trois)
    confirmer(trois)
    with transaction(trois.moteur) as session:
        lignes = session.exec(select(LigneJournal).where(LigneJournal.motif == MOTIF)).all()
    assert {ligne.par for ligne in lignes} == {PROPOSE}
    assert [ligne.objet for ligne in lignes] == ["versement"] * len(lue.changees) + ["rappels"]
    assert lignes[-1].objet_id == lue.empreinte
    assert all(lue.empreinte in ligne.details for ligne in lignes[:-1])


def modifier_la_convention(ctx: Contexte, **changements: object) -> None:
    with transaction(ctx.moteur) as session:
        convention = session.exec(select(Convention).where(Convention.structure_id == 1)).one()
        for champ, valeur in changements.items():
            setattr(convention, champ, valeur)
        session.add(convention)


@pytest.mark.parametrize("evenement", ["autre barème", "convention close"])
def test_une_liste_qui_a_change_est_refusee(trois: Contexte, tmp_path: Path, evenement: str) -> None:
    empreinte, avant = liste(trois).empreinte, etats(trois)
    ici, jour = trois, APRES
    if evenement == "autre barème":
        jour = date(2026, 1, 15)
        ici = avec_publications(trois, tmp_path, Publication(2025, jour, "10.30"))
    else:
        modifier_la_convention(trois, au=date(2025, 6, 30))
    with pytest.raises(ActeRefuse, match="La liste a changé"):
        confirmer_rappels(ici, EXERCICES, empreinte, PROPOSE, MOTIF, jour)
    assert etats(trois) == avant
    with transaction(trois.moteur) as session:
        refus = session.exec(select(LigneJournal).where(LigneJournal.action == "confirmation_refusee")).one()
    assert (refus.par, refus.objet_id, refus.motif) == (PROPOSE, empreinte, LISTE_CHANGEE)


@pytest.mark.parametrize(
    ("par", "motif", "phrase"),
    [
        (LIBERE, MOTIF, "pas habilité"),
        ("inconnu", MOTIF, "n'est pas une personne de l'équipe"),
        (PROPOSE, " ", "motif est attendu"),
    ],
)
def test_qui_peut_confirmer(trois: Contexte, par: str, motif: str, phrase: str) -> None:
    avant = etats(trois)
    with pytest.raises(ActeRefuse, match=phrase):
        confirmer_rappels(trois, EXERCICES, liste(trois).empreinte, par, motif, APRES)
    with pytest.raises(ActeRefuse, match=phrase):
        renoncer_aux_rappels(trois, liste(trois).empreinte, par, motif, APRES)
    assert etats(trois) == avant


def test_une_convention_close_ou_un_droit_jamais_paye_mettent_a_part(contexte: Contexte) -> None:
    peupler(contexte, 3)
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session, 9, "Sans compte", compte=False)
        sans_compte = session.get_one(Structure, 3)
        sans_compte.partenaire_id = 9
        session.add(sans_compte)
    calculer_et_payer(contexte, AVANT)
    modifier_la_convention(contexte, au=date(2025, 6, 30))
    lue = liste(contexte)
    motifs = {ligne.structure: ligne.motifs[0] for ligne in lue.a_part}
    assert motifs["S01"].startswith("La convention C1 s’arrête le 30/06/2025")
    assert motifs["S03"].startswith("Rien n’est encore payé sur ce droit, qui change aussi")
    assert [ligne.structure for ligne in lue.lignes] == ["S02"]


def test_un_avenant_se_dit_autrement_qu_un_bareme(trois: Contexte) -> None:
    modifier_la_convention(trois, forfait_territoire_centimes=100_000)
    lue = liste(trois, APRES - timedelta(days=1))
    (ligne,) = lue.changees
    assert (ligne.structure, ligne.difference_centimes) == ("S01", 20 * 100_000)
    assert ligne.motif == "La convention ou la fiche de la structure a changé."
    assert "; la convention" in liste(trois).lignes[0].motif.replace("\u00a0", " ")


def test_une_valeur_devenue_douteuse_ne_se_rappelle_pas(trois: Contexte) -> None:
    """Outside the demonstration its values are unknown: what was paid stays, and the list says why."""
    reel = Contexte(trois.reglages.model_copy(update={"demonstration": False}), trois.moteur)
    lue = calculer_rappels(reel, EXERCICES)
    assert lue.lignes == ()
    assert [any("psu.preparation.heures_par_enfant" in m for m in ligne.motifs) for ligne in lue.a_part] == [True] * 3


def test_ce_qui_fut_paye_avant_ce_systeme_est_dit_a_part(contexte: Contexte) -> None:
    peupler(contexte, 2)
    with transaction(contexte.moteur) as session:
        ajouter_reprise(session, 1, 70_000)
    lue = liste(contexte)
    assert lue.lignes == ()
    assert [(li.structure, li.motifs[0][:23]) for li in lue.a_part] == [("S01", "Payé avant ce système, ")]


def test_un_lot_qui_attend_passe_d_abord(trois: Contexte) -> None:
    """Its release would be refused if the right moved: it is said apart, then settled once decided."""
    confirmer(trois)
    lot = proposer_lot(trois, ETAPE, PROPOSE, APRES)
    assert lot is not None
    en_lot = liste(trois)
    assert {ligne.motifs for ligne in en_lot.a_part} == {
        (f"Le lot {ETAPE}-lot-02 attend ses signatures : signez-le ou refusez-le d’abord.",)
    }
    assert en_lot.changees == ()
    liberer(trois, lot, APRES)
    assert liste(trois).a_part == ()


def test_une_seconde_revalorisation_remplace_le_rappel_encore_du(trois: Contexte, tmp_path: Path) -> None:
    confirmer(trois)
    premier = etats(trois)[3]
    jour = date(2026, 1, 15)
    ici = avec_publications(trois, tmp_path, Publication(2025, jour, "10.452"))
    ligne = liste(ici, jour).lignes[0]
    assert (ligne.ouverts_centimes, ligne.montant_centimes) == (premier[1], 2 * premier[1])
    confirmer(ici, jour)
    assert [e for e in etats(ici)[3:] if e[1] in {premier[1], 2 * premier[1]}] == [
        ("rappel", premier[1], "annule"),
        ("rappel", 2 * premier[1], "du"),
    ]


def test_une_correction_a_la_baisse_fait_un_indu_sur_un_reel(trois: Contexte, tmp_path: Path) -> None:
    jour = date(2026, 1, 15)
    ici = avec_publications(trois, tmp_path, Publication(2025, jour, "9.849"))
    lue = liste(ici, jour)
    assert lue.lignes[0].difference_centimes == -477_310  # 477 310.68, each right rounded on its own
    assert (lue.a_payer_centimes, lue.a_recouvrer_centimes) == (0, -lue.difference_centimes)
    assert confirmer(ici, jour) == {NatureVersement.INDU: (len(lue.changees), lue.a_recouvrer_centimes)}
    assert sum(indu.restant_centimes for indu in lister_indus(ici)) == lue.a_recouvrer_centimes


def test_le_partenaire_apprend_l_indu_d_un_rappel(trois: Contexte, tmp_path: Path) -> None:
    jour = date(2026, 1, 15)
    ici = avec_publications(trois, tmp_path, Publication(2025, jour, "9.849"))
    with transaction(ici.moteur) as session:
        for partenaire in session.exec(select(Partenaire)).all():
            session.add(Contact(partenaire_id=partenaire.id or 0, nom="Élu", courriel=f"{partenaire.id}@p.example"))
    confirmer(ici, jour)
    with transaction(ici.moteur) as session:
        annonces = session.exec(select(Courriel.contexte).where(Courriel.genre == "indu")).all()
    assert sorted(r for c in annonces for r in c["indus"]) == sorted(i.reference for i in lister_indus(ici))


@pytest.fixture
def acomptes(contexte: Contexte) -> Contexte:
    """Three crèches whose first acompte 2026 is paid, as known on 5 January."""
    peupler(contexte, 3, nature="previsionnel")
    calculer_et_payer(contexte, date(2026, 1, 5), declaration=PREVISIONNELS, paiement=ACOMPTE_1)
    return contexte


def test_un_bonus_publie_en_fevrier_releve_l_acompte_de_35_pour_cent(acomptes: Contexte) -> None:
    """Mixité 2026: 2 140.95 instead of 2 100 carried over, known on 1 February; S01 asks 1.80 €/h, no bonus."""
    with transaction(acomptes.moteur) as session:
        declarations = {d.structure_id: d for d in session.exec(select(Declaration))}
    fevrier = date(2026, 2, 1)
    lue = liste(acomptes, fevrier)
    changees = {ligne.structure: ligne for ligne in lue.changees}
    assert changees
    for ligne in changees.values():
        places = declarations[int(ligne.structure[1:])].donnees["places"]
        assert ligne.difference_centimes in {places * hausse for hausse in (4_095, 1_560, 585)}
        assert ligne.cible_centimes == (35 * ligne.apres_centimes + 50) // 100
        assert ligne.montant_centimes == ligne.cible_centimes - (35 * ligne.avant_centimes + 50) // 100
        assert "(connu le 01/02/2026)" in ligne.motif
    assert confirmer(acomptes, fevrier) == {NatureVersement.RAPPEL: (len(changees), lue.a_payer_centimes)}
    payer(acomptes, ACOMPTE_1, fevrier)
    assert liste(acomptes, fevrier).changees == ()


def test_une_baisse_ne_reprend_rien_sur_un_acompte(acomptes: Contexte, tmp_path: Path) -> None:
    jour = date(2026, 1, 15)
    ici = avec_publications(acomptes, tmp_path, Publication(2026, jour, "9.50"))
    lue = liste(ici, jour)
    ligne = lue.lignes[0]
    assert ligne.difference_centimes < 0
    assert (ligne.ecriture, ligne.montant_centimes, lue.a_recouvrer_centimes) == (None, 0, 0)
    assert ligne.motif.endswith("l’acompte versé n’est pas repris, le réel fera le compte.")
    avant = etats(ici)
    assert confirmer(ici, jour) == {}
    assert etats(ici) == avant
    assert liste(ici, jour).changees == ()


def test_un_reel_a_venir_remplace_la_base_des_acomptes(acomptes: Contexte, tmp_path: Path) -> None:
    """Once a réel is validated, its own right settles the year: the acomptes are no longer to be recalled."""
    with transaction(acomptes.moteur) as session:
        declarer(session, 1, "reel", 2026, ETAPE)
    jour = date(2026, 1, 15)
    ici = avec_publications(acomptes, tmp_path, Publication(2026, jour, "10.50"))
    lue = liste(ici, jour)
    assert "S01" not in {ligne.structure for ligne in (*lue.lignes, *lue.a_part)}


@pytest.mark.parametrize(
    ("exercices", "prestations", "phrase"),
    [((), (), "au moins un exercice"), ((2025,), ("EAGE",), "Prestation inconnue : « EAGE »")],
)
def test_une_demande_impossible(
    trois: Contexte, exercices: tuple[int, ...], prestations: tuple[str, ...], phrase: str
) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        calculer_rappels(trois, exercices, APRES, prestations)


def test_une_seule_prestation_un_seul_exercice(trois: Contexte) -> None:
    assert calculer_rappels(trois, (2025,), APRES, ("RPE",)).lignes == ()
    assert len(calculer_rappels(trois, (2025,), APRES, ("EAJE",)).changees) == len(liste(trois).changees)
    with pytest.raises(ActeRefuse, match="La liste a changé"):
        confirmer_rappels(trois, (2025,), liste(trois).empreinte, PROPOSE, MOTIF, APRES)


def test_une_empreinte_mal_recopiee(trois: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="64 signes"):
        confirmer_rappels(trois, EXERCICES, liste(trois).empreinte[:12], PROPOSE, MOTIF, APRES)


def test_ce_qu_une_execution_a_montre_ne_change_pas_sous_la_reponse(trois: Contexte) -> None:
    premiere, seconde = "a" * 64, "b" * 64
    assert presenter_rappels(trois, "execution", premiere, jour=APRES).empreinte == premiere
    encore = presenter_rappels(trois, "execution", seconde, jour=APRES)
    assert (encore.empreinte, encore.rang, encore.dernier_refus) == (premiere, 1, "")
    refusee = presenter_rappels(trois, "execution", seconde, LISTE_CHANGEE, APRES)
    assert (refusee.empreinte, refusee.rang, refusee.dernier_refus) == (seconde, 2, LISTE_CHANGEE)
    assert presenter_rappels(trois, "autre", seconde, jour=APRES).rang == 1


def test_renoncer_n_ecrit_que_le_journal(trois: Contexte) -> None:
    avant = etats(trois)
    renoncer_aux_rappels(trois, liste(trois).empreinte, PROPOSE, "publication à relire", APRES)
    with transaction(trois.moteur) as session:
        ligne = session.exec(select(LigneJournal).where(LigneJournal.action == "renoncer")).one()
    assert (ligne.par, ligne.motif, etats(trois)) == (PROPOSE, "publication à relire", avant)

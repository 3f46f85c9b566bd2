"""The team's board: who is late, who must act, which amounts wait, and where."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from modeles.base import transaction
from modeles.tables import CoordonneeBancaire, Courriel, Declaration, Depot, Partenaire, Structure, Tache
from modeles.tables.dossiers import GenreTache
from operations.commission.decisions import decider
from operations.commission.engagements import ConventionPosee, conventionner
from operations.commission.pieces import recevoir
from operations.contexte import Contexte
from operations.dus import preparer_dus
from operations.lots import proposer_lot
from operations.pieces import Apport
from operations.prolongations import donner_un_delai
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.classeur import ecrire_tableau
from operations.tableau.synthese import Tableau, dresser
from regles.commission import BILAN_DU_PROJET
from regles.etats import EtatCourriel, EtatDeclaration, EtatDepot, EtatTache, SensDecision
from tests.operations.argent import ETAPE, INSTANT, JOUR, PROPOSE, ajouter_partenaire, ajouter_reel
from tests.operations.commission import fonds
from tests.operations.reseau_exemple import SAINT_DIZIER, installer, repondre

ACCORD = SensDecision.ACCORD
REELS = "Réels 2025 (EAJE, RPE…)"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Five crèches of four partners."""
    installer(contexte_deux_bases)
    return contexte_deux_bases


@pytest.fixture
def paye(contexte_deux_bases: Contexte) -> Contexte:
    """Three crèches of one partner: a solde of 300 euros, an indu of 100, a right that may not be paid."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 100_000, 70_000)
        ajouter_reel(session, 2, 60_000, 70_000)
        ajouter_reel(session, 3, 50_000, 0, payable=False)
    return contexte_deux_bases


def des_reels(tableau: Tableau) -> list[Affaire]:
    return [a for a in tableau.affaires if a.sujet == REELS]


@pytest.mark.parametrize(
    ("jour", "acteur", "retard"),
    [
        (date(2026, 2, 8), Acteur.PARTENAIRE, 0),
        (date(2026, 2, 27), Acteur.PARTENAIRE, 0),
        (date(2026, 2, 28), Acteur.PARTENAIRE, 1),
        (date(2026, 3, 9), Acteur.PARTENAIRE, 10),
        (date(2026, 3, 10), Acteur.EQUIPE, 11),
    ],
)
def test_qui_doit_agir_et_depuis_quand(ctx: Contexte, jour: date, acteur: Acteur, retard: int) -> None:
    affaires = des_reels(dresser(ctx, jour))
    assert [a.fiche.code for a in affaires] == ["S1", "S2", "S3", "S4", "S5"]
    assert {(a.acteur, a.retard(jour)) for a in affaires} == {(acteur, retard)}


def test_un_retard_reste_dit_une_fois_la_campagne_close(ctx: Contexte) -> None:
    ouverte, close = (dresser(ctx, date(2026, 3, jour)).phrase for jour in (9, 10))
    assert ouverte == "5 en retard chez les partenaires ; à faire : 5 par l’équipe (5 en retard), 0 par la finance"
    assert close == "0 en retard chez les partenaires ; à faire : 10 par l’équipe (10 en retard), 0 par la finance"


def test_l_equipe_vient_avant_les_partenaires(ctx: Contexte) -> None:
    repondre(ctx, "S1")
    acteurs = [a.acteur for a in des_reels(dresser(ctx, date(2026, 3, 2)))]
    assert acteurs == [Acteur.EQUIPE, *[Acteur.PARTENAIRE] * 4]


def test_un_delai_donne_decale_le_retard(ctx: Contexte) -> None:
    donner_un_delai(ctx, ETAPE, "S1", date(2026, 3, 20), "c.martin", "travaux", date(2026, 3, 2))
    jour = date(2026, 3, 12)
    retards = {a.fiche.code: (a.acteur, a.retard(jour)) for a in des_reels(dresser(ctx, jour))}
    assert retards["S1"] == (Acteur.PARTENAIRE, 0)
    assert retards["S3"] == (Acteur.EQUIPE, 13)


def test_une_declaration_recue_attend_l_equipe_et_une_rejetee_le_partenaire(ctx: Contexte) -> None:
    repondre(ctx, "S1", "S2")
    repondre(ctx, "S3", etat=EtatDeclaration.VALIDEE)
    repondre(ctx, "S4", etat=EtatDeclaration.REJETEE)
    with transaction(ctx.moteur) as session:
        session.get_one(Declaration, 2).alertes = 3
    tableau = dresser(ctx, date(2026, 2, 20))
    dits = {a.fiche.code: (a.acteur, a.quoi) for a in des_reels(tableau)}
    assert dits["S1"] == (Acteur.EQUIPE, "déclaration à valider")
    assert dits["S2"] == (Acteur.EQUIPE, "déclaration à valider, 3 alerte(s) à regarder")
    assert dits["S3"] == (Acteur.EQUIPE, "droit à calculer")
    assert dits["S4"] == (Acteur.PARTENAIRE, "rejetée par l'équipe")
    assert dits["S5"] == (Acteur.PARTENAIRE, "sans réponse")


def test_chaque_affaire_dit_qui_appeler(ctx: Contexte) -> None:
    fiches = {a.fiche.code: a.fiche for a in des_reels(dresser(ctx, date(2026, 3, 2)))}
    assert (fiches["S1"].territoire, fiches["S1"].telephone) == ("CA de Chaumont", "03.25.30.62.42")
    assert fiches["S1"].contact == "Alix, alix@chaumont.example"
    assert (fiches["S2"].territoire, fiches["S2"].telephone) == (
        "CA du Grand Saint-Dizier Der et Vallées", "03.25.56.74.45",
    )  # fmt: skip
    assert (fiches["S3"].territoire, fiches["S3"].telephone) == ("CC de l’Ouest Vosgien", "")
    assert fiches["S4"].contact == "aucun contact : à trouver"


def _depot(session: Session) -> None:
    session.add(
        Depot(id=7, sha256="0" * 64, nom_fichier="x", taille=1, octets=b"x", origine="boite", recu_le=INSTANT,
              etat=EtatDepot.REFUSE, motif="structure inconnue")
    )  # fmt: skip


def _courriel(session: Session) -> None:
    session.add(
        Courriel(cle="relance:x", genre="relance", contact_id=1, structures=["S1"], contexte={}, decide_le=INSTANT,
                 etat=EtatCourriel.REFUSE, prochain_essai_le=INSTANT)
    )  # fmt: skip


def _tache(session: Session, etape: str = "", *structures: str) -> None:
    session.add(
        Tache(
            cle="appeler:1", genre=GenreTache.APPELER, etape=etape, partenaire_id=1, structures=list(structures),
            detail="toujours rien", confiee_a="CA de Chaumont", telephone="03", etat=EtatTache.OUVERTE,
            creee_le=INSTANT, echeance=date(2026, 3, 5),
        )
    )  # fmt: skip


def _compte(session: Session) -> None:
    session.add(
        CoordonneeBancaire(id=9, partenaire_id=1, iban="FR7630006000011234567890189", titulaire="x",
                           du=date(2026, 3, 1), enregistree_par="c.martin", enregistree_le=INSTANT)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("poser", "acteur", "code", "quoi"),
    [
        (_depot, Acteur.EQUIPE, "", "dépôt n° 7 à reprendre : structure non reconnue"),
        (_courriel, Acteur.EQUIPE, "S1", "courriel refusé à Alix : campagnes courriels regler relance:x …"),
        (_tache, Acteur.EQUIPE, "P1", "appeler : toujours rien"),
        (_compte, Acteur.FINANCE, "P1", "compte bancaire n° 9 à confirmer par un contre-appel"),
    ],
)
def test_ce_qui_attend_hors_des_campagnes(
    ctx: Contexte, poser: Callable[[Session], None], acteur: Acteur, code: str, quoi: str
) -> None:
    with transaction(ctx.moteur) as session:
        poser(session)
    trouvees = [a for a in dresser(ctx, date(2026, 3, 12)).affaires if a.quoi == quoi]
    assert [(a.acteur, a.fiche.code) for a in trouvees] == [(acteur, code)]
    assert "FR76" not in str(trouvees)


def test_une_demande_incomplete_puis_a_decider(contexte_deux_bases: Contexte) -> None:
    fonds.installer(contexte_deux_bases)
    incomplete = fonds.demander(contexte_deux_bases, date(2025, 12, 12), "Ludothèque", complete=False)
    fonds.demander(contexte_deux_bases, date(2025, 12, 12), "Café des parents")
    avant = [a for a in dresser(contexte_deux_bases, date(2025, 12, 20)).affaires if "demande" in a.quoi]
    assert [(a.acteur, a.quoi.split(",")[0], a.montant_centimes) for a in avant] == [
        (Acteur.PARTENAIRE, f"demande {incomplete} incomplète", 250_000)
    ]
    fonds.jouer_jusqu_au(contexte_deux_bases, fonds.SEANCE)
    apres = [a for a in dresser(contexte_deux_bases, date(2026, 2, 20)).affaires if "décision" in a.quoi]
    assert [(a.acteur, a.depuis, a.retard(date(2026, 2, 20))) for a in apres] == [(Acteur.EQUIPE, fonds.SEANCE, 8)]


def test_une_subvention_attend_sa_convention_son_paiement_puis_son_bilan(contexte_deux_bases: Contexte) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx, comptes=False)
    reference = fonds.demander(ctx, date(2025, 12, 12))
    fonds.jouer_jusqu_au(ctx, fonds.SEANCE)
    decider(ctx, fonds.FEVRIER, reference, ACCORD, fonds.DECIDE, montant_centimes=200_000, jour=fonds.SEANCE)

    def dites(jour: date) -> list[tuple[Acteur, str, int | None]]:
        return [(a.acteur, a.quoi, a.montant_centimes) for a in dresser(ctx, jour).affaires if reference in a.quoi]

    assert dites(fonds.SEANCE) == [
        (Acteur.EQUIPE, f"subvention {reference} accordée : convention à enregistrer", 200_000)
    ]
    convention = ConventionPosee("FL-1", date(2026, 3, 1), date(2026, 10, 31))
    conventionner(ctx, reference, convention, fonds.PAR, date(2026, 3, 2))
    ((acteur, quoi, montant),) = dites(date(2026, 3, 3))
    assert (acteur, montant) == (Acteur.EQUIPE, 200_000)
    assert quoi.startswith(f"subvention {reference} non payable : Aucun compte bancaire confirmé")
    with transaction(ctx.moteur) as session:
        _compte(session)
        compte = session.get_one(CoordonneeBancaire, 9)
        compte.contre_appel, compte.confirmee_par, compte.confirmee_le = "rappelé", "a.leroy", INSTANT
    proposer = f"campagnes proposer {fonds.FEVRIER} --par …"
    assert dites(date(2026, 3, 13)) == [(Acteur.EQUIPE, f"subvention {reference} à payer : {proposer}", 140_000)]
    preparer_dus(ctx, fonds.FEVRIER, date(2026, 3, 13))
    proposer_lot(ctx, fonds.FEVRIER, PROPOSE, date(2026, 3, 13))
    assert dites(date(2026, 3, 13)) == []
    attendu = f"subvention {reference} : bilan du projet attendu, la convention a fini le 31/10/2026"
    assert dites(date(2026, 11, 2)) == [(Acteur.PARTENAIRE, attendu, 60_000)]
    recevoir(ctx, reference, Apport(BILAN_DU_PROJET, fonds.PAR, constat="bilan signé"), date(2026, 11, 3))
    assert dites(date(2026, 11, 3)) == [(Acteur.EQUIPE, f"subvention {reference} à payer : {proposer}", 60_000)]
    tableau = dresser(ctx, date(2026, 11, 3))
    assert sum(g.structures for g in tableau.territoires) == 1
    (subventions,) = [g for g in tableau.prestations if g.nom == "Subventions (fonds locaux)"]
    assert (subventions.structures, subventions.en_lot_centimes) == (0, 140_000)


def test_l_argent_qui_attend_et_ce_qui_l_empeche(paye: Contexte) -> None:
    preparer_dus(paye, ETAPE, JOUR)
    tableau = dresser(paye, date(2026, 3, 13))
    dits = {(a.fiche.code, a.quoi, a.montant_centimes) for a in des_reels(tableau)}
    assert ("S03", "droit non payable : psu.plafond.p120 est inconnu", 50_000) in dits
    assert ("", f"1 versement(s) à proposer : campagnes proposer {ETAPE} --par …", 30_000) in dits
    (eaje,) = [g for g in tableau.prestations if g.structures]
    assert (eaje.a_payer_centimes, eaje.en_lot_centimes, eaje.indus_centimes) == (30_000, 0, 10_000)

    proposer_lot(paye, ETAPE, PROPOSE, date(2026, 3, 13))
    tableau = dresser(paye, date(2026, 3, 13))
    (lot,) = [a for a in tableau.affaires if a.quoi.startswith("lot ")]
    assert lot.quoi == f"lot {ETAPE}-lot-01, 1 versement(s), à ordonnancer ou à refuser"
    (territoire,) = tableau.territoires
    assert (territoire.nom, territoire.a_payer_centimes, territoire.en_lot_centimes) == ("CA de Chaumont", 0, 30_000)


def test_les_groupes_comptent_tout_une_fois(ctx: Contexte) -> None:
    tableau = dresser(ctx, date(2026, 3, 2))
    situees = [a for a in tableau.affaires if a.fiche.code]
    for groupes in (tableau.territoires, tableau.prestations):
        assert sum(g.structures for g in groupes) == 5
        assert sum(g.partenaires + g.equipe for g in groupes) == len(situees)
        assert sum(g.en_retard for g in groupes) == len(tableau.retards(Acteur.PARTENAIRE)) == 5
    assert tableau.phrase.startswith("5 en retard chez les partenaires ; à faire : ")


def test_un_territoire_a_deux_volets_dit_lequel(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        session.get_one(Structure, 2).prestation = "PS_JEUNES"
        for rang, prestation in ((3, "EAJE"), (4, "CLAS")):
            structure = session.get_one(Structure, rang)
            structure.epci_siren, structure.epci, structure.prestation = *SAINT_DIZIER, prestation
    der = "CA du Grand Saint-Dizier Der et Vallées"
    assert [(g.nom, g.telephone) for g in dresser(ctx, date(2026, 3, 2)).territoires if g.nom.startswith(der)] == [
        (f"{der}, hors volets enfance et jeunesse", ""),
        (f"{der}, volet jeunesse", "03.25.56.74.44"),
        (f"{der}, volet enfance", "03.25.56.74.45"),
    ]


def test_un_appel_a_passer_remplace_les_reponses_qu_il_reclame(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        _tache(session, ETAPE, "S1", "S2")
    jour = date(2026, 3, 12)
    assert sorted(a.fiche.code for a in des_reels(dresser(ctx, jour))) == ["P1", "S3", "S4", "S5"]


def test_le_classeur_se_relit_sans_formule(paye: Contexte, tmp_path: Path) -> None:
    preparer_dus(paye, ETAPE, JOUR)
    with transaction(paye.moteur) as session:
        session.get_one(Partenaire, 1).nom = "=cmd|' /c calc'!A1"
    chemin = tmp_path / "tableau.xlsx"
    tableau = ecrire_tableau(paye, chemin, date(2026, 3, 13))
    classeur = load_workbook(io.BytesIO(chemin.read_bytes()))
    assert classeur.sheetnames == ["Synthèse", "À faire", "Par territoire", "Par prestation", "Indicateurs"]
    for page in classeur.worksheets:
        assert page.freeze_panes == "B4"
        assert "DÉMONSTRATION" in str(page["A2"].value)
        assert not [c.coordinate for rangee in page.iter_rows() for c in rangee if c.data_type == "f"]
    a_faire = classeur["À faire"]
    assert a_faire.max_row == 3 + len(tableau.affaires)
    par_territoire = [[c.value for c in rangee] for rangee in classeur["Par territoire"].iter_rows(min_row=4)]
    assert par_territoire[0] == ["CA de Chaumont", "03.25.30.62.42", 3, 0, 0, 4, 300, 0, 100]
    assert par_territoire[-1][0] == "TOTAL"
    assert par_territoire[-1][6:] == [300, 0, 100]
    encore = tmp_path / "encore.xlsx"
    ecrire_tableau(paye, encore, date(2026, 3, 13))
    assert encore.read_bytes() == chemin.read_bytes()


def test_une_base_vide_donne_un_tableau_vide(contexte_deux_bases: Contexte, tmp_path: Path) -> None:
    tableau = ecrire_tableau(contexte_deux_bases, tmp_path / "vide.xlsx", date(2026, 3, 13))
    assert (tableau.affaires, tableau.campagnes, tableau.territoires) == ((), (), ())
    assert tableau.phrase == "0 en retard chez les partenaires ; à faire : 0 par l’équipe, 0 par la finance"

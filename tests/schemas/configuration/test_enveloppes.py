"""The envelopes as written: unknown is said, invented is for the demonstration only, a fault is at its line."""

from fractions import Fraction
from pathlib import Path

import pytest

from regles.baremes import Statut
from schemas.configuration.enveloppes import charger_enveloppes
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

ECRITE = """enveloppes:
  partenaires:
    libelle: Projets des partenaires
    sigle: PART
    exercices:
      2026: {montant: "12000.50", unite: €, statut: confirme, source: délibération}
      2027: {montant: null, unite: €, statut: inconnu, source: à saisir}
    paiement: {part_acompte: "0.70", statut: a_confirmer, source: à saisir}
"""
INVENTEE = 'montants:\n  partenaires: {2026: "1.00", 2027: "900.00"}\npart_acompte: "0.5"\n'


def ecrire(dossier: Path, texte: str = ECRITE, inventee: str = INVENTEE) -> Path:
    (dossier / "demonstration").mkdir()
    (dossier / "enveloppes.yaml").write_text(texte, "utf-8")
    (dossier / "demonstration" / "enveloppes.yaml").write_text(inventee, "utf-8")
    return dossier


def test_en_vrai_le_projet_ne_connait_aucun_montant() -> None:
    lues = charger_enveloppes(RACINE / "config", demonstration=False)
    for cle in lues.enveloppes:
        enveloppe = lues.enveloppe(cle, 2026)
        assert (enveloppe.montant_centimes, enveloppe.statut, enveloppe.part_acompte) == (None, Statut.INCONNU, None)
        assert enveloppe.defauts(0, demonstration=False)


def test_la_demonstration_ne_remplace_que_l_inconnu(tmp_path: Path) -> None:
    lues = charger_enveloppes(ecrire(tmp_path), demonstration=True)
    connue, inventee, absente = (lues.enveloppe("partenaires", annee) for annee in (2026, 2027, 2028))
    assert (connue.montant_centimes, connue.statut) == (1_200_050, Statut.CONFIRME)
    assert (inventee.montant_centimes, inventee.statut) == (90_000, Statut.DEMONSTRATION)
    assert (absente.montant_centimes, absente.statut) == (None, Statut.INCONNU)
    assert (connue.part_acompte, connue.statut_paiement) == (Fraction(7, 10), Statut.A_CONFIRMER)
    assert inventee.reste(100_000) == -10_000


@pytest.mark.parametrize(
    ("avant", "apres", "ligne", "raison"),
    [
        ('"12000.50"', "12000.50", 6, "nombre à virgule sans guillemets"),
        ('"12000.50"', '"12 000"', 6, "autre forme"),
        ('"12000.50"', "null", 6, "un montant « inconnu » est vide"),
        ('"0.70"', '"1.2"', 8, "autre forme"),
        ("sigle: PART", "sigle: Part", 4, "autre forme"),
        ("statut: confirme,", "statut: publie,", 6, "n'est pas admis"),
        ("    libelle", "    couleur: bleu\n    libelle", 3, "clé inconnue"),
    ],
)
def test_une_faute_se_dit_a_sa_ligne(tmp_path: Path, avant: str, apres: str, ligne: int, raison: str) -> None:
    assert avant in ECRITE
    with pytest.raises(ErreurDeConfiguration) as erreur:
        charger_enveloppes(ecrire(tmp_path, ECRITE.replace(avant, apres, 1)), demonstration=False)
    assert erreur.value.ligne == ligne
    assert raison in erreur.value.raison


def test_un_montant_invente_nomme_une_enveloppe_connue(tmp_path: Path) -> None:
    with pytest.raises(ErreurDeConfiguration, match="enveloppe inconnue : « jeunesse »"):
        charger_enveloppes(ecrire(tmp_path, inventee=INVENTEE.replace("partenaires", "jeunesse")), demonstration=True)

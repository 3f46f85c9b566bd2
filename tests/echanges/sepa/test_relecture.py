"""A file of transfers read again before it leaves: sound as written, and every planted fault told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration.hasard import iban_invente
from echanges.sepa.caracteres import ADMIS, en_sepa
from echanges.sepa.ecriture import ecrire
from echanges.sepa.modele import Emetteur, OrdreDeVirement, Virement, identifiant_du_lot
from echanges.sepa.relecture import OrdreAttendu, PaiementAttendu, relire

LOT = "reels-2025-a-lot-01"
INSTANT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
EXECUTION = date(2026, 3, 13)
CAF = Emetteur("Caf de la Haute-Marne", iban_invente(999))
VIREMENTS = (
    Virement("2025-EAJE-EAJE01-01", "Commune d’Éclaron", iban_invente(1), 123_456, "CAF EAJE 2025 solde EAJE01"),
    Virement("2025-EAJE-EAJE02-01", "L'Œuf & la Plume", iban_invente(2), 5, "CAF EAJE 2025 solde EAJE02"),
    Virement("2025-RPE-RPE01-01", "CC Meuse Rognon", iban_invente(3), 70_000, "CAF RPE 2025 solde RPE01"),
)
ORDRE = OrdreDeVirement(LOT, INSTANT, EXECUTION, CAF, VIREMENTS)


def attendre(ordre: OrdreDeVirement = ORDRE) -> OrdreAttendu:
    return OrdreAttendu(
        identifiant=identifiant_du_lot(LOT),
        compte_debite=CAF.iban,
        paiements={v.reference: PaiementAttendu(v.iban, v.montant_centimes) for v in ordre.virements},
        deja_payees={"2024-EAJE-EAJE01-01"},
        exporte_le=date(2026, 3, 12),
        fermetures={date(2026, 4, 3), date(2026, 4, 6)},
    )


SAIN = ecrire(ORDRE).decode()


def changer(avant: str, apres: str, fois: int = 1) -> Callable[[], bytes]:
    def faire() -> bytes:
        assert avant in SAIN
        return SAIN.replace(avant, apres, fois).encode()

    return faire


def ecrire_avec(**champs: object) -> Callable[[], bytes]:
    return lambda: ecrire(replace(ORDRE, **champs))  # type: ignore[arg-type]


def premier(**champs: object) -> Callable[[], bytes]:
    return ecrire_avec(virements=(replace(VIREMENTS[0], **champs), *VIREMENTS[1:]))  # type: ignore[arg-type]


CLE_RIB_FAUSSE = "FR4599999000520000000000199"  # IBAN key right, RIB key wrong
ADRESSE = "<Nm>Commune d'Eclaron</Nm>"
LIGNES = "".join(f"<AdrLine>{n} rue</AdrLine>" for n in range(3))
FAUTES: dict[str, tuple[Callable[[], bytes], str]] = {
    "pas du XML": (lambda: b"bonjour", "n'est pas un XML entier"),
    "fichier coupé": (lambda: SAIN.encode()[:-40], "n'est pas un XML entier"),
    "entité déclarée": (
        changer("<Document", '<!DOCTYPE Document [<!ENTITY e "x">]><Document'),
        "déclare un type de document",
    ),
    "autre message": (changer("pain.001.001.09", "pain.001.001.03", 2), "n'est pas un message"),
    "élément manquant": (changer("<PmtMtd>TRF</PmtMtd>", ""), "hors de la norme"),
    "montant nul": (premier(montant_centimes=0), "0,00"),
    "nombre de l'en-tête": (changer("<NbOfTxs>3<", "<NbOfTxs>4<"), "L'en-tête annonce 4 virements"),
    "somme de l'en-tête": (changer("<CtrlSum>1934.61<", "<CtrlSum>1934.62<"), "L'en-tête annonce une somme"),
    "nombre du bloc": (lambda: b"<NbOfTxs>2<".join(SAIN.encode().rsplit(b"<NbOfTxs>3<", 1)), "Le bloc de paiement"),
    "somme du bloc": (lambda: b"<CtrlSum>1.00<".join(SAIN.encode().rsplit(b"<CtrlSum>1934.61<", 1)), "Le bloc"),
    "montant changé, sommes refaites": (premier(montant_centimes=123_457), "1 234,57 € dans le fichier"),
    "partie de centime": (changer(">0.05<", ">0.051<"), "0,05 € dans le lot"),
    "autre devise": (changer('Ccy="EUR"', 'Ccy="CHF"'), "la devise est CHF"),
    "clé d'IBAN fausse": (premier(iban="FR7730006000011234567890189"), "l'IBAN ne tient pas"),
    "clé RIB fausse": (premier(iban=CLE_RIB_FAUSSE), "l'IBAN ne tient pas"),
    "comptes échangés": (premier(iban=VIREMENTS[1].iban), "n'est pas celui que le lot a figé"),
    "référence en double": (premier(reference=VIREMENTS[1].reference), "2 fois dans le fichier"),
    "déjà payée": (premier(reference="2024-EAJE-EAJE01-01"), "fichier de virements antérieur"),
    "virement oublié": (ecrire_avec(virements=VIREMENTS[1:]), "dans le lot, absent du fichier"),
    "virement en trop": (
        ecrire_avec(virements=(*VIREMENTS, replace(VIREMENTS[0], reference="2025-X"))),
        "dans le fichier, absent du lot",
    ),
    "compte débité": (ecrire_avec(emetteur=replace(CAF, iban=iban_invente(5))), "Le compte débité"),
    "autre lot": (ecrire_avec(lot="reels-2025-a-lot-02"), "L'identifiant du message"),
    "accent": (changer("Meuse Rognon", "Meuse Rögnon"), "Nm porte un caractère"),
    "chevron": (changer("solde RPE01", "solde &lt;RPE01"), "Ustrd porte un caractère"),
    "référence qui finit par une barre": (premier(reference="2025-EAJE/"), "barre oblique"),
    "adresse libre": (changer(ADRESSE, f"{ADRESSE}<PstlAdr><AdrLine>1 rue</AdrLine></PstlAdr>"), "sans ville ni pays"),
    "trois lignes libres": (
        changer(ADRESSE, f"{ADRESSE}<PstlAdr><TwnNm>X</TwnNm><Ctry>FR</Ctry>{LIGNES}</PstlAdr>"),
        "deux lignes libres au plus",
    ),
    "exécution un samedi": (ecrire_avec(execution_le=date(2026, 3, 14)), "n'est pas un jour où les banques"),
    "exécution un Vendredi saint": (ecrire_avec(execution_le=date(2026, 4, 3)), "n'est pas un jour où les banques"),
    "exécution le jour de l'export": (ecrire_avec(execution_le=date(2026, 3, 12)), "ne suit pas l'export"),
}


def test_ce_qui_est_ecrit_se_relit_sans_faute() -> None:
    assert relire(SAIN.encode(), attendre()) == ()
    assert ecrire(ORDRE).decode() == SAIN
    assert "<Nm>Commune d'Eclaron</Nm>" in SAIN
    assert "<Nm>L'OEuf + la Plume</Nm>" in SAIN
    assert "PstlAdr" not in SAIN
    assert "Purp" not in SAIN


@pytest.mark.parametrize("nom", FAUTES)
def test_chaque_faute_est_dite(nom: str) -> None:
    fabriquer, phrase = FAUTES[nom]
    assert any(phrase in faute.replace("\u202f", " ").replace("\xa0", " ") for faute in relire(fabriquer(), attendre()))


def test_un_bic_et_un_objet_quand_la_banque_les_demande() -> None:
    ordre = replace(ORDRE, emetteur=replace(CAF, bic="AGRIFRPP"), objet="GOVT")
    texte = ecrire(ordre).decode()
    assert "<BICFI>AGRIFRPP</BICFI>" in texte
    assert texte.count("<Cd>GOVT</Cd>") == len(VIREMENTS)
    assert relire(texte.encode(), attendre()) == ()


@given(st.text(max_size=200), st.integers(1, 140))
def test_tout_texte_devient_lisible_par_toute_banque(texte: str, longueur: int) -> None:
    ecrit = en_sepa(texte, longueur)
    assert ADMIS.fullmatch(ecrit)
    assert len(ecrit) <= longueur
    assert en_sepa(ecrit, longueur) == ecrit


@given(
    st.lists(
        st.tuples(st.integers(1, 99_999_999_999), st.text("ABCabcé&<>’ ", min_size=1, max_size=80)),
        min_size=1,
        max_size=12,
    )
)
def test_quels_que_soient_les_virements_les_sommes_sont_celles_du_lot(lignes: list[tuple[int, str]]) -> None:
    virements = tuple(
        Virement(f"R-{rang:03d}", f"X {nom}", iban_invente(rang), centimes, f"CAF {nom}")
        for rang, (centimes, nom) in enumerate(lignes, start=1)
    )
    ordre = replace(ORDRE, virements=virements)
    assert relire(ecrire(ordre), attendre(ordre)) == ()

"""A file of transfers read again before it leaves: sound as written, and every planted fault told."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demonstration.hasard import iban_invente
from echanges.sepa.caracteres import ADMIS, en_sepa
from echanges.sepa.ecriture import ecrire
from echanges.sepa.modele import Emetteur, OrdreDeVirement, Virement, identifiant_du_lot, identifiant_du_virement
from echanges.sepa.relecture import OrdreAttendu, PaiementAttendu, relire
from regles.adresse_postale import AdressePostale, FormeAdresse

LOT = "reels-2025-a-lot-01"
INSTANT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
EXECUTION = date(2026, 3, 13)
CAF = Emetteur("Caf de la Haute-Marne", iban_invente(999))
ADRESSE = AdressePostale("Rue de l’Église", "52290", "Éclaron-Braucourt-Sainte-Livière", "FR", "12 bis")
SANS_NUMERO = AdressePostale("Place de l'Hôtel de Ville", "52700", "Andelot-Blancheville", "FR")
VIREMENTS = (
    Virement("reels-2025-a-01-001", "Commune d’Éclaron", iban_invente(1), 123_456, "CAF D1", ADRESSE),
    Virement("reels-2025-a-01-002", "L'Œuf & la Plume", iban_invente(2), 5, "CAF D2"),
    Virement("reels-2025-a-01-004", "CC Meuse Rognon", iban_invente(3), 70_000, "CAF D4 solde RPE01", SANS_NUMERO),
)
ORDRE = OrdreDeVirement(LOT, INSTANT, EXECUTION, CAF, VIREMENTS)


def attendre(ordre: OrdreDeVirement = ORDRE) -> OrdreAttendu:
    return OrdreAttendu(
        lot=ordre.lot,
        identifiant=identifiant_du_lot(ordre.lot),
        compte_debite=CAF.iban,
        paiements=[
            PaiementAttendu(rang, v.libelle.split()[1], v.iban, v.montant_centimes, v.adresse)
            for v in ordre.virements
            for rang in (int(v.identifiant[-3:]),)
        ],
        deja_payees={"D99"},
        deja_employes={"reels-2025-a-01-099"},
        exporte_le=date(2026, 3, 12),
        fermetures={date(2026, 4, 3), date(2026, 4, 6)},
        adresse=ordre.adresse,
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
NOM = "<Nm>Commune d'Eclaron</Nm>"
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
    "identifiant en double": (premier(identifiant=VIREMENTS[1].identifiant), "2 fois dans le fichier"),
    "identifiant déjà employé": (premier(identifiant="reels-2025-a-01-099"), "identifiant déjà employé"),
    "identifiant d'une autre ligne": (premier(identifiant="reels-2025-a-01-003"), "absent du lot"),
    "référence du dû pour identifiant": (premier(identifiant="D1"), "reels-2025-a-01-001 (D1) : dans le lot, absent"),
    "libellé sans la référence": (premier(libelle="CAF D12"), "ne dit pas la référence du dû"),
    "virement oublié": (ecrire_avec(virements=VIREMENTS[1:]), "dans le lot, absent du fichier"),
    "virement en trop": (
        ecrire_avec(virements=(*VIREMENTS, replace(VIREMENTS[0], identifiant="2025-X"))),
        "dans le fichier, absent du lot",
    ),
    "compte débité": (ecrire_avec(emetteur=replace(CAF, iban=iban_invente(5))), "Le compte débité"),
    "autre lot": (ecrire_avec(lot="reels-2025-a-lot-02"), "L'identifiant du message"),
    "accent": (changer("Meuse Rognon", "Meuse Rögnon"), "Nm porte un caractère"),
    "chevron": (changer("solde RPE01", "solde &lt;RPE01"), "Ustrd porte un caractère"),
    "référence qui finit par une barre": (premier(identifiant="2025-EAJE/"), "barre oblique"),
    "adresse libre": (changer(NOM, f"{NOM}<PstlAdr><AdrLine>1 rue</AdrLine></PstlAdr>"), "sans ville ni pays"),
    "trois lignes libres": (
        changer(NOM, f"{NOM}<PstlAdr><TwnNm>X</TwnNm><Ctry>FR</Ctry>{LIGNES}</PstlAdr>"),
        "deux lignes libres au plus",
    ),
    "adresse non demandée": (ecrire_avec(adresse=FormeAdresse.STRUCTUREE), "alors que le réglage n'en demande pas"),
    "adresse du débiteur": (
        changer("<Nm>Caf de la Haute-Marne</Nm>", "<Nm>Caf</Nm><PstlAdr><TwnNm>X</TwnNm><Ctry>FR</Ctry></PstlAdr>", 2),
        "pas celle d'un bénéficiaire",
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


STRUCTUREE = (
    "<StrtNm>Rue de l'Eglise</StrtNm><BldgNb>12 bis</BldgNb><PstCd>52290</PstCd>"
    "<TwnNm>Eclaron-Braucourt-Sainte-Liviere</TwnNm><Ctry>FR</Ctry>"
)
HYBRIDE = (
    "<PstCd>52290</PstCd><TwnNm>Eclaron-Braucourt-Sainte-Liviere</TwnNm><Ctry>FR</Ctry>"
    "<AdrLine>12 bis Rue de l'Eglise</AdrLine>"
)


def adresses_de(octets: bytes) -> list[str]:
    serre = re.sub(r">\s+<", "><", octets.decode())
    return re.findall(r"<PstlAdr>(.*?)</PstlAdr>", serre)


@pytest.mark.parametrize(
    ("forme", "premiere", "nombre"),
    [(FormeAdresse.AUCUNE, None, 0), (FormeAdresse.STRUCTUREE, STRUCTUREE, 2), (FormeAdresse.HYBRIDE, HYBRIDE, 2)],
)
def test_les_adresses_dans_la_forme_demandee(forme: FormeAdresse, premiere: str | None, nombre: int) -> None:
    ordre = replace(ORDRE, adresse=forme)
    octets = ecrire(ordre)
    assert relire(octets, attendre(ordre)) == ()
    ecrites = adresses_de(octets)
    assert (len(ecrites), next(iter(ecrites), None)) == (nombre, premiere)


@pytest.mark.parametrize("forme", [FormeAdresse.STRUCTUREE, FormeAdresse.HYBRIDE])
@pytest.mark.parametrize(
    ("ecrite", "phrase"),
    [
        (None, "l'adresse manque"),
        (replace(ADRESSE, ville="Chaumont"), "n'est pas celle du partenaire"),
        (replace(ADRESSE, rue="Rue Haute"), "n'est pas celle du partenaire"),
        (replace(ADRESSE, numero=""), "n'est pas celle du partenaire"),
    ],
)
def test_une_adresse_qui_n_est_pas_celle_attendue(
    forme: FormeAdresse, ecrite: AdressePostale | None, phrase: str
) -> None:
    voulu = replace(ORDRE, adresse=forme)
    autre = replace(voulu, virements=(replace(VIREMENTS[0], adresse=ecrite), *VIREMENTS[1:]))
    (faute,) = relire(ecrire(autre), attendre(voulu))
    assert faute.startswith("reels-2025-a-01-001 (D1) : ")
    assert phrase in faute


def test_l_une_des_formes_ne_passe_pas_pour_l_autre_ni_une_adresse_de_trop() -> None:
    hybride, structuree = (replace(ORDRE, adresse=f) for f in (FormeAdresse.HYBRIDE, FormeAdresse.STRUCTUREE))
    for ecrit, voulu in ((hybride, structuree), (structuree, hybride)):
        fautes = relire(ecrire(ecrit), attendre(voulu))
        assert len(fautes) == 2
        assert all("dans la forme que demande le réglage" in faute for faute in fautes)
    de_trop = replace(hybride, virements=tuple(replace(v, adresse=SANS_NUMERO) for v in VIREMENTS))
    (_, faute) = relire(ecrire(de_trop), attendre(hybride))
    assert "alors que le partenaire n'en a pas" in faute


MOTS = st.text(min_size=1, max_size=70).filter(lambda t: re.search(r"[A-Za-z0-9]", t))


@given(
    st.builds(
        AdressePostale, rue=MOTS, code_postal=st.from_regex(r"[0-9]{5}", fullmatch=True), ville=MOTS,
        pays=st.just("FR"), numero=st.one_of(st.just(""), MOTS),
    ),
    st.sampled_from(FormeAdresse),
)  # fmt: skip
def test_quelle_que_soit_l_adresse_le_fichier_est_dans_la_norme(adresse: AdressePostale, forme: FormeAdresse) -> None:
    ordre = replace(ORDRE, virements=(replace(VIREMENTS[0], adresse=adresse),), adresse=forme)
    assert relire(ecrire(ordre), attendre(ordre)) == ()


NUMEROS = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,9}){0,5}-lot-[0-9]{2,3}", fullmatch=True),
    st.sampled_from(["actualisation-juin-2026-alsh-lot-01", "a-lot-lot-01", "a-lot-1-lot-02", "a-lot-1-02", "-lot-01"]),
)


@given(NUMEROS, NUMEROS, st.integers(1, 999_999), st.integers(1, 999_999))
def test_deux_lignes_n_ont_jamais_le_meme_identifiant(lot: str, autre: str, rang: int, second: int) -> None:
    identifiant = identifiant_du_virement(lot, rang)
    assert 0 < len(identifiant) <= 35
    assert ADMIS.fullmatch(identifiant)
    assert "/" not in identifiant
    assert (identifiant == identifiant_du_virement(autre, second)) is ((lot, rang) == (autre, second))


@given(NUMEROS, st.integers(1, 99_999))
def test_le_lecteur_attend_l_identifiant_que_l_ecriture_donne(lot: str, rang: int) -> None:
    virement = replace(VIREMENTS[0], identifiant=identifiant_du_virement(lot, rang))
    ordre = replace(ORDRE, lot=lot, virements=(virement,))
    attendu = attendre(ordre)
    attendu = replace(attendu, paiements=[replace(attendu.paiements[0], rang=rang)])
    assert relire(ecrire(ordre), attendu) == ()


@pytest.mark.parametrize(
    ("lot", "identifiant"),
    [
        ("reels-2025-a-lot-01", "reels-2025-a-01-012"),
        ("actualisation-juin-2026-alsh-lot-01", "actualisation-juin-2026-alsh-01-012"),
        ("actualisation-juin-2026-alsh-lot-100", f"{identifiant_du_lot('actualisation-juin-2026-alsh-lot-100')}-012"),
    ],
)
def test_un_identifiant_se_lit_tant_qu_il_tient(lot: str, identifiant: str) -> None:
    assert identifiant_du_virement(lot, 12) == identifiant


def test_un_du_deja_paye_ne_repart_pas() -> None:
    attendu = replace(attendre(), deja_payees={"D2"})
    assert relire(SAIN.encode(), attendu) == ("D2 : déjà payé par un fichier de virements antérieur.",)
    repete = replace(attendre(), paiements=[replace(p, reference="D2") for p in attendre().paiements])
    assert "D2 : 3 fois dans le lot." in relire(SAIN.encode(), repete)


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
        Virement(f"reels-2025-a-01-{rang:03d}", f"X {nom}", iban_invente(rang), centimes, f"CAF D{rang} {nom}")
        for rang, (centimes, nom) in enumerate(lignes, start=1)
    )
    ordre = replace(ORDRE, virements=virements)
    assert relire(ecrire(ordre), attendre(ordre)) == ()

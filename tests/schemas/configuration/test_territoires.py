"""The territories: one contact for every EPCI of the département, the shared mailbox where none is published."""

from pathlib import Path

import pytest

from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.referentiel import charger_communes, charger_epci
from schemas.configuration.reglages import RACINE
from schemas.configuration.territoires import ContactTerritoire, charger_territoires
from schemas.configuration.yaml_strict import ErreurDeConfiguration

PUBLIE = RACINE / "config" / "territoires.yaml"


def test_chaque_epci_du_departement_a_un_territoire() -> None:
    publies = {e.siren: e.nom for e in charger_epci(RACINE / "config").values()}
    connus = {t.siren: t.epci.replace("’", "'") for t in charger_territoires(PUBLIE).territoires}
    assert connus == publies


@pytest.mark.parametrize(
    ("siren", "prestation", "telephone", "volet"),
    [
        ("200068658", "EAJE", "03.25.30.62.42", ""),
        ("200068666", "EAJE", "03.25.56.74.45", "volet enfance"),
        ("200068666", "PS_JEUNES", "03.25.56.74.44", "volet jeunesse"),
        ("200068666", "CLAS", "", "hors volets enfance et jeunesse"),
        ("200068559", "EAJE", "", ""),
    ],
)
def test_a_qui_s_adresser(siren: str, prestation: str, telephone: str, volet: str) -> None:
    contact = charger_territoires(PUBLIE).contact(siren, prestation)
    assert (contact.telephone, contact.volet) == (telephone, volet)
    assert contact.territoire


def test_chaque_commune_et_chaque_prestation_ont_une_reponse() -> None:
    """A phone, or a territory that says to write to the shared mailbox: never nothing."""
    territoires = charger_territoires(PUBLIE)
    prestations = [code for code, _ in charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml").prestations]
    communes = charger_communes(RACINE / "config").values()
    assert (len(communes), len(prestations)) == (426, 13)
    sans_telephone: dict[str, set[str]] = {}
    for commune in communes:
        for prestation in prestations:
            contact = territoires.contact(commune.epci_siren, prestation)
            assert contact.territoire, (commune.nom, prestation)
            if not contact.telephone:
                sans_telephone.setdefault(contact.territoire, set()).add(prestation)
    des_volets = {code for codes in territoires.volets.values() for code in codes}
    assert sans_telephone == {
        "CC de l’Ouest Vosgien": set(prestations),
        "CA du Grand Saint-Dizier Der et Vallées": set(prestations) - des_volets,
    }
    assert [c.nom for c in communes if c.epci_siren == "200068559"] == ["Liffol-le-Petit"]


def test_un_epci_inconnu_n_a_pas_de_contact() -> None:
    assert charger_territoires(PUBLIE).contact("123456782", "EAJE") == ContactTerritoire("", "")


BON = '{siren: "200068658", epci: Chaumont, telephone: 03.25.30.62.42}'


@pytest.mark.parametrize(
    ("seconde", "raison"),
    [
        ('{siren: "200068659", epci: Chaumont}', "SIREN faux"),
        ('{siren: "200068658", epci: Chaumont, volet: enfance}', "territoire répété"),
        (BON, "territoire répété"),
        ('{siren: "200069664", epci: Rognon, telephone: "0325306242"}', "telephone"),
        ('{siren: "200069664", epci: Rognon, volet: seniors}', "« seniors » n'est pas admis"),
    ],
)
def test_une_faute_est_refusee(tmp_path: Path, seconde: str, raison: str) -> None:
    fichier = tmp_path / "territoires.yaml"
    fichier.write_text(
        "source: webinaire\nreleve_le: 2026-02-08\nvolets: {enfance: [EAJE]}\n"
        f"territoires:\n  - {BON}\n  - {seconde}\n",
        encoding="utf-8",
    )
    with pytest.raises(ErreurDeConfiguration) as refus:
        charger_territoires(fichier)
    assert raison in refus.value.raison
    assert refus.value.ligne == 6

"""The message on the wire: two parts, attachments, headers that nobody can forge, the same bytes twice."""

from dataclasses import replace
from datetime import date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

import pytest

from echanges.courriel.message import AdresseInvalide, Expediteur, Lettre, Piece, composer
from echanges.courriel.rendu import Rendu, rendre
from regles.calendrier import PARIS
from tests.echanges.courriel.exemples import campagne

LE = datetime(2026, 2, 8, 9, tzinfo=PARIS)
CAF = Expediteur("Action sociale, Caf de la Haute-Marne", "action@caf52.example", "reponses@caf52.example")
LETTRE = Lettre(
    "ouverture:reels-2025-a:0:7",
    "Héloïse Œuvré",
    "h.oeuvre@chaumont.example",
    rendre("ouverture", campagne(date(2026, 2, 8))),
    (
        Piece("EAJE-réel-S001.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03"),
        Piece("echeance.ics", "text/calendar; method=PUBLISH; charset=utf-8", "BEGIN é".encode()),
    ),
)


def relire(lettre: Lettre) -> EmailMessage:
    octets = composer(lettre, CAF, LE).as_bytes(policy=SMTP)
    return cast(EmailMessage, message_from_bytes(octets, policy=SMTP))


def test_deux_parties_et_deux_pieces() -> None:
    message = relire(LETTRE)
    assert message.get_content_type() == "multipart/mixed"
    alternative, classeur, ics = message.iter_parts()
    assert [p.get_content_type() for p in cast(EmailMessage, alternative).iter_parts()] == ["text/plain", "text/html"]
    texte = message.get_body(("plain",))
    assert texte is not None
    assert texte.get_content().replace("\r\n", "\n") == LETTRE.rendu.texte
    html = message.get_body(("html",))
    assert html is not None
    assert '<html lang="fr">' in html.get_content()
    assert classeur.get_filename() == "EAJE-réel-S001.xlsx"
    assert classeur.get_payload(decode=True) == b"PK\x03"
    assert (ics.get_content_type(), ics.get_param("method")) == ("text/calendar", "PUBLISH")


def test_les_entetes() -> None:
    message = relire(LETTRE)
    assert message["From"].addresses[0].display_name == "Action sociale, Caf de la Haute-Marne"
    assert message["To"].addresses[0].display_name == "Héloïse Œuvré"
    assert message["Reply-To"] == "reponses@caf52.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == LE
    assert message["Subject"] == LETTRE.rendu.sujet
    assert message["Message-ID"].endswith("@caf52.example>")


def test_les_memes_octets_pour_le_meme_courriel() -> None:
    assert composer(LETTRE, CAF, LE).as_bytes() == composer(LETTRE, CAF, LE).as_bytes()


def test_deux_relances_de_meme_sujet_sont_deux_messages() -> None:
    autre = replace(LETTRE, cle="relance:reels-2025-a:2:7")
    assert relire(LETTRE)["Subject"] == relire(autre)["Subject"]
    assert relire(LETTRE)["Message-ID"] != relire(autre)["Message-ID"]


@pytest.mark.parametrize("coupure", ["\r\n", "\n", "\r", "\u2028", "\x85", "\v"])
def test_aucun_entete_ne_s_injecte(coupure: str) -> None:
    lettre = replace(
        LETTRE,
        nom=f"Petit{coupure}Bcc: x@y.example",
        rendu=Rendu(f"Sujet{coupure}Bcc: x@y.example", "t\n", "<p>h</p>"),
        pieces=(Piece(f"a{coupure}Bcc: x@y.example.ics", "text/calendar", b""),),
    )
    octets = composer(lettre, CAF, LE).as_bytes(policy=SMTP)
    message = message_from_bytes(octets, policy=SMTP)
    assert message["Bcc"] is None
    assert b"\r\nBcc:" not in octets
    assert [a.addr_spec for a in message["To"].addresses] == ["h.oeuvre@chaumont.example"]


@pytest.mark.parametrize(
    "adresse", ["", "petit", "a@b", "a b@c.example", "é@c.example", "a@c.example\nBcc: x@y.example"]
)
def test_une_adresse_mal_formee_est_refusee_sans_etre_repetee(adresse: str) -> None:
    with pytest.raises(AdresseInvalide) as refus:
        composer(replace(LETTRE, adresse=adresse), CAF, LE)
    assert str(refus.value) == "adresse de courriel mal formée"

"""The deadline in a diary: the right day, an alarm, one event however many files arrive."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar

from echanges.agenda import Evenement, agenda_ics
from regles.calendrier import PARIS

EMIS = datetime(2026, 2, 8, 9, tzinfo=PARIS)


LIMITE = Evenement("reels-2025-a.P001", date(2026, 2, 27), "Réels 2025 : dernier jour", "À renvoyer ; « S001, S002 »")
OUVERTURE = Evenement("reels-2025-a.ouverture.P001", date(2026, 2, 8), "Réels 2025 : ouverture", "", rappel=False)


def ics(emis: datetime = EMIS, *evenements: Evenement) -> bytes:
    return agenda_ics(evenements or (LIMITE,), "caf52.example", emis)


def test_une_journee_entiere_avec_un_rappel_la_veille() -> None:
    (evenement,) = Calendar.from_ical(ics()).walk("VEVENT")
    assert evenement.decoded("dtstart") == date(2026, 2, 27)
    assert evenement.decoded("dtend") == date(2026, 2, 28)
    assert evenement["summary"] == "Réels 2025 : dernier jour"
    assert evenement["description"] == "À renvoyer ; « S001, S002 »"
    (alarme,) = evenement.walk("VALARM")
    assert alarme.decoded("trigger") == timedelta(hours=-15)
    assert alarme["action"] == "DISPLAY"


def test_aucun_fuseau_n_est_en_jeu() -> None:
    assert b"DTSTART;VALUE=DATE:20260227\r\n" in ics()
    assert b"TZID" not in ics()
    (evenement,) = Calendar.from_ical(ics()).walk("VEVENT")
    assert evenement.decoded("dtstamp") == EMIS.astimezone(UTC)


def test_les_memes_octets_et_un_identifiant_stable() -> None:
    assert ics() == ics()
    autre = Calendar.from_ical(ics(EMIS + timedelta(days=12))).walk("VEVENT")[0]
    assert autre["uid"] == "reels-2025-a.P001@caf52.example"


def test_les_lignes_sont_celles_du_format() -> None:
    assert all(len(ligne) <= 75 for ligne in ics().split(b"\r\n"))
    assert b"METHOD:PUBLISH" in ics()


def test_plusieurs_dates_dans_un_agenda_qui_porte_un_nom() -> None:
    lu = Calendar.from_ical(agenda_ics((OUVERTURE, LIMITE), "caf52.example", EMIS, "Calendrier de la Caf"))
    assert lu["x-wr-calname"] == "Calendrier de la Caf"
    ouverture, limite = lu.walk("VEVENT")
    assert (ouverture["uid"], limite["uid"]) == (
        "reels-2025-a.ouverture.P001@caf52.example",
        "reels-2025-a.P001@caf52.example",
    )
    assert [len(e.walk("VALARM")) for e in (ouverture, limite)] == [0, 1]


def test_une_date_qui_change_l_emporte_sur_la_precedente() -> None:
    prolongee = Evenement(LIMITE.identifiant, date(2026, 3, 6), LIMITE.titre, LIMITE.description)
    avant, apres = (
        Calendar.from_ical(octets).walk("VEVENT")[0] for octets in (ics(), ics(EMIS + timedelta(hours=1), prolongee))
    )
    assert avant["uid"] == apres["uid"]
    assert avant["sequence"] < apres["sequence"]
    assert apres.decoded("dtstart") == date(2026, 3, 6)

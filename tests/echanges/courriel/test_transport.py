"""The three transports, the last two against a real SMTP server."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from echanges.courriel.message import Expediteur, Lettre, composer
from echanges.courriel.rendu import Rendu
from echanges.courriel.transport import Issue, ServeurSmtp, TransportSimulation, TransportSmtp, nom_de_fichier

LE = datetime(2026, 2, 8, 8, tzinfo=UTC)
CAF = Expediteur("Caf", "action@caf52.example", "action@caf52.example")


def message(cle: str = "relance:reels-2025-a:1:7", adresse: str = "a@b.example") -> EmailMessage:
    lettre = Lettre(cle, "A", adresse, Rendu("Réels 2025", "Bonjour\n", "<p>Bonjour</p>"))
    return composer(lettre, CAF, LE)


# --- simulation


def test_simulation_ecrit_un_fichier_par_cle(tmp_path: Path) -> None:
    with TransportSimulation(tmp_path) as transport:
        resultat = transport.envoyer("relance:reels-2025-a:1:7", message(), LE)
    (fichier,) = [f for f in tmp_path.rglob("*") if f.is_file()]
    assert fichier.relative_to(tmp_path).as_posix() == "2026-02-08/relance.reels-2025-a.1.7.eml"
    assert (resultat.issue, resultat.octets) == (Issue.ENVOYE, fichier.read_bytes())


def test_simulation_n_ecrit_qu_une_fois_quel_que_soit_le_jour(tmp_path: Path) -> None:
    transport = TransportSimulation(tmp_path)
    premier = transport.envoyer("relance:reels-2025-a:1:7", message(), LE)
    second = transport.envoyer("relance:reels-2025-a:1:7", message(adresse="autre@b.example"), LE + timedelta(days=3))
    assert second == premier
    assert len(list(tmp_path.rglob("*.eml"))) == 1
    assert transport.retrouver("relance:reels-2025-a:1:7") == premier.octets
    assert transport.retrouver("relance:reels-2025-a:2:7") is None


@pytest.mark.parametrize("cle", ["../x", "a/b", "a.b", "", "a::b", "é"])
def test_une_cle_ne_sort_pas_du_dossier(cle: str) -> None:
    with pytest.raises(ValueError, match="clé de courriel"):
        nom_de_fichier(cle)


# --- SMTP


@dataclass
class Boite:
    """A server that obeys `consigne`, and what it received."""

    consigne: Callable[[int, str], str] = lambda _rang, _adresse: "250 OK"
    recus: list[tuple[str, bytes]] = field(default_factory=list)
    connexions: int = 0
    essais: int = 0
    coupe_apres_reception: bool = False

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connexions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.essais += 1
        reponse = self.consigne(self.essais, address)
        if reponse == "COUPER":
            server.transport.abort()
            return "421 coupure"
        if reponse.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reponse

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.recus.append((envelope.rcpt_tos[0], envelope.content))
        if self.coupe_apres_reception:
            server.transport.abort()
        return "250 reçu"


class Serveur(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serveur(boite: Boite, **options: Any) -> Iterator[int]:
    controleur = Serveur(boite, hostname="127.0.0.1", port=0, **options)
    controleur.start()
    try:
        yield controleur.port
    finally:
        controleur.stop()


def clair(port: int) -> ServeurSmtp:
    return ServeurSmtp("127.0.0.1", port, "", "", "aucune")


def test_un_lot_tient_dans_une_connexion() -> None:
    boite = Boite()
    with serveur(boite) as port, TransportSmtp(clair(port), CAF.adresse) as transport:
        resultats = [transport.envoyer("k", message(f"relance:e:{rang}:7"), LE) for rang in (1, 2, 3)]
    assert [r.issue for r in resultats] == [Issue.ENVOYE] * 3
    assert [a for a, _ in boite.recus] == ["a@b.example"] * 3
    # yagmail or smtplib may greet twice on one connection; three connections would greet at least three times more.
    assert boite.connexions <= 2


def test_deux_relances_de_meme_sujet_ont_deux_identifiants() -> None:
    boite = Boite()
    with serveur(boite) as port, TransportSmtp(clair(port), CAF.adresse) as transport:
        for rang in (1, 2):
            transport.envoyer("k", message(f"relance:e:{rang}:7"), LE)
    identifiants = {
        ligne for _, octets in boite.recus for ligne in octets.split(b"\r\n") if ligne.startswith(b"Message-ID")
    }
    assert len(identifiants) == 2


@pytest.mark.parametrize(
    ("reponse", "issue", "raison"),
    [
        ("550 5.1.1 boite inconnue", Issue.REFUSE, "550 5.1.1 boite inconnue"),
        ("451 4.7.1 revenez plus tard", Issue.A_REESSAYER, "451 4.7.1 revenez plus tard"),
        ("421 4.3.2 service ferme", Issue.A_REESSAYER, "421"),
        ("COUPER", Issue.A_REESSAYER, "connexion perdue"),
    ],
)
def test_un_refus_au_milieu_du_lot_n_arrete_pas_les_autres(reponse: str, issue: Issue, raison: str) -> None:
    boite = Boite(lambda rang, _: reponse if rang == 2 else "250 OK")
    with serveur(boite) as port, TransportSmtp(clair(port), CAF.adresse) as transport:
        resultats = [transport.envoyer("k", message(f"relance:e:{rang}:7"), LE) for rang in (1, 2, 3)]
        assert not transport.est_interrompu
    assert [r.issue for r in resultats] == [Issue.ENVOYE, issue, Issue.ENVOYE]
    assert raison in resultats[1].raison
    assert resultats[1].octets == b""
    assert len(boite.recus) == 2


def test_une_coupure_apres_le_contenu_ne_se_reessaie_pas_seule() -> None:
    """The server took the message and the line dropped before its answer: sending again could be one mail too many."""
    boite = Boite()
    boite.coupe_apres_reception = True
    with serveur(boite) as port, TransportSmtp(clair(port), CAF.adresse) as transport:
        resultat = transport.envoyer("k", message(), LE)
    assert (resultat.issue, len(boite.recus)) == (Issue.INCERTAIN, 1)
    assert "a pu prendre le message" in resultat.raison


def test_un_serveur_injoignable_interrompt_le_lot() -> None:
    with serveur(Boite()) as port:
        pass
    with TransportSmtp(clair(port), CAF.adresse) as transport:
        resultat = transport.envoyer("k", message(), LE)
        assert transport.est_interrompu
    assert resultat.issue is Issue.A_REESSAYER
    assert "injoignable" in resultat.raison


def test_redirection_tout_va_dans_une_boite_sauf_la_liste() -> None:
    transport = TransportSmtp(clair(1), CAF.adresse, "recette@caf52.example", ("Pilote@B.example",))
    assert transport.destination("a@b.example") == "recette@caf52.example"
    assert transport.destination("pilote@b.example") == "pilote@b.example"
    assert TransportSmtp(clair(1), CAF.adresse).destination("a@b.example") == "a@b.example"


# --- TLS and login


@dataclass(frozen=True)
class Certificat:
    """A self-signed authority that is also the server's certificate."""

    fichier: Path
    contexte: ssl.SSLContext


@pytest.fixture
def autorite_connue(certificat: Certificat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificat.fichier))


@pytest.fixture(scope="module")
def certificat(tmp_path_factory: pytest.TempPathFactory) -> Certificat:
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    maintenant = datetime.now(UTC)
    signe = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(maintenant - timedelta(days=1))
        .not_valid_after(maintenant + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(cle, hashes.SHA256())
    )
    dossier = tmp_path_factory.mktemp("tls")
    pem, privee = dossier / "ca.pem", dossier / "cle.pem"
    pem.write_bytes(signe.public_bytes(serialization.Encoding.PEM))
    privee.write_bytes(
        cle.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(pem, privee)
    return Certificat(pem, contexte)


def chiffrement(certificat: Certificat, securite: str) -> dict[str, Any]:
    if securite == "tls":
        return {"ssl_context": certificat.contexte}
    return {"tls_context": certificat.contexte, "require_starttls": True}


@pytest.mark.parametrize("securite", ["tls", "starttls"])
def test_un_certificat_inconnu_est_refuse(certificat: Certificat, securite: str) -> None:
    boite = Boite()
    with serveur(boite, **chiffrement(certificat, securite)) as port:
        transport = TransportSmtp(ServeurSmtp("localhost", port, "", "", securite), CAF.adresse)
        with transport:
            resultat = transport.envoyer("k", message(), LE)
    assert resultat.issue is Issue.A_REESSAYER
    assert "certificat du serveur refusé" in resultat.raison
    assert boite.recus == []


@pytest.mark.usefixtures("autorite_connue")
@pytest.mark.parametrize("securite", ["tls", "starttls"])
def test_une_autorite_declaree_est_acceptee(certificat: Certificat, securite: str) -> None:
    boite = Boite()
    with serveur(boite, **chiffrement(certificat, securite)) as port:
        acces = ServeurSmtp("localhost", port, "", "", securite)
        with TransportSmtp(acces, CAF.adresse) as transport:
            assert transport.envoyer("k", message(), LE).issue is Issue.ENVOYE
    assert len(boite.recus) == 1


def test_starttls_n_est_pas_facultatif() -> None:
    """A server that offers no encryption receives nothing."""
    boite = Boite()
    with serveur(boite) as port, TransportSmtp(ServeurSmtp("localhost", port, "", "", "starttls"), CAF.adresse) as t:
        assert t.envoyer("k", message(), LE).issue is Issue.A_REESSAYER
    assert boite.recus == []


@pytest.mark.usefixtures("autorite_connue")
@pytest.mark.parametrize(("mot_de_passe", "issue"), [("secret", Issue.ENVOYE), ("faux", Issue.A_REESSAYER)])
def test_identification(certificat: Certificat, mot_de_passe: str, issue: Issue) -> None:
    def verifier(_s: Any, _se: Any, _e: Any, _m: str, donnees: LoginPassword) -> AuthResult:
        return AuthResult(success=(donnees.login, donnees.password) == (b"caf52", b"secret"), handled=False)

    boite = Boite()
    options = {"authenticator": verifier, "auth_required": True}
    with serveur(boite, **chiffrement(certificat, "starttls"), **options) as port:
        acces = ServeurSmtp("localhost", port, "caf52", mot_de_passe, "starttls")
        with TransportSmtp(acces, CAF.adresse) as transport:
            resultat = transport.envoyer("k", message(), LE)
    assert resultat.issue is issue
    assert issue is Issue.ENVOYE or "identifiants refusés" in resultat.raison
    assert "faux" not in resultat.raison

"""What the bank answers, whatever its form; a file that is none of these is refused with a sentence."""

from datetime import date

import pytest

from echanges.sepa.resultats import ResultatIllisible, Sort, lire_resultats

P, C = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10", "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


def rapport(corps: str, version: str = P) -> bytes:
    return f'<Document xmlns="{version}"><CstmrPmtStsRpt>{corps}</CstmrPmtStsRpt></Document>'.encode()


def notification(*details: str, sens: str = "DBIT") -> bytes:
    jour = "<BookgDt><Dt>2026-03-16</Dt></BookgDt>"
    ecriture = f"<Ntry><CdtDbtInd>{sens}</CdtDbtInd>{jour}<NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    message = f"<BkToCstmrDbtCdtNtfctn><Ntfctn>{ecriture}</Ntfctn></BkToCstmrDbtCdtNtfctn>"
    return f'<Document xmlns="{C}">{message}</Document>'.encode()


def transaction(reference: str, statut: str, code: str = "", montant: str = "300.00") -> str:
    raison = f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>compte clos</AddtlInf></StsRsnInf>" if code else ""
    somme = f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{montant}</InstdAmt></Amt></OrgnlTxRef>'
    qui = f"<OrgnlEndToEndId>{reference}</OrgnlEndToEndId>"
    return f"<TxInfAndSts>{qui}<TxSts>{statut}</TxSts>{raison}{somme}</TxInfAndSts>"


def groupe(statut: str = "PART") -> str:
    return f"<OrgnlGrpInfAndSts><OrgnlMsgId>CAF-1</OrgnlMsgId><GrpSts>{statut}</GrpSts></OrgnlGrpInfAndSts>"


@pytest.mark.parametrize("version", [P, P.replace(".10", ".03")])
def test_un_rapport_de_statut(version: str) -> None:
    lignes = [transaction("A", "ACSC"), transaction("B", "RJCT", "AC04"), transaction("C", "PDNG")]
    lu = lire_resultats(
        rapport(groupe() + f"<OrgnlPmtInfAndSts>{''.join(lignes)}</OrgnlPmtInfAndSts>", version), "r.xml"
    )
    assert (lu.genre, lu.message, lu.message_rejete) == ("pain.002", "CAF-1", "")
    assert [(r.reference, r.sort, r.code, r.motif, r.montant_centimes) for r in lu.resultats] == [
        ("A", Sort.PAYEE, "", "", 30_000),
        ("B", Sort.REJETEE, "AC04", "compte clos", 30_000),
        ("C", Sort.EN_COURS, "", "", 30_000),
    ]


def test_un_ordre_refuse_en_entier() -> None:
    assert lire_resultats(rapport(groupe("RJCT")), "r.xml").message_rejete == "RJCT"
    assert lire_resultats(rapport(groupe("ACCP")), "r.xml").message_rejete == ""


def test_une_notification_de_debits_et_de_retours() -> None:
    def detail(reference: str, plus: str = "") -> str:
        return f'<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy="EUR">12.34</Amt>{plus}</TxDtls>'

    debits = lire_resultats(notification(detail("A")), "c.xml").resultats
    assert [(r.reference, r.sort, r.montant_centimes, r.le) for r in debits] == [
        ("A", Sort.PAYEE, 1_234, date(2026, 3, 16))
    ]
    retour = "<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>"
    rentrees = lire_resultats(notification(detail("A", retour), detail("Z"), sens="CRDT"), "c.xml").resultats
    assert [(r.reference, r.sort, r.code) for r in rentrees] == [("A", Sort.REJETEE, "AC01")]


@pytest.mark.parametrize("encodage", ["utf-8", "utf-8-sig", "cp1252"])
def test_un_csv(encodage: str) -> None:
    texte = "reference;resultat;code;montant;date\r\nA;payé;;1 234,50;16/03/2026\r\nB;Rejeté;AC04;;\r\n"
    assert [
        (r.reference, r.sort, r.code, r.montant_centimes, r.le)
        for r in lire_resultats(texte.encode(encodage), "c.csv").resultats
    ] == [
        ("A", Sort.PAYEE, "", 123_450, date(2026, 3, 16)),
        ("B", Sort.REJETEE, "AC04", None, None),
    ]


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "les colonnes attendues sont"),
        (b"bonjour", "les colonnes attendues sont"),
        (b"<a>", "n'est pas un XML entier"),
        (b"<a/>", "n'est ni un pain.002, ni un camt.054"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "type de document"),
        (rapport("<GrpHdr/>"), "ne dit pas à quel ordre"),
        (rapport(groupe() + transaction("A", "ACSC", montant="12.345")), "n'est pas un montant"),
        (rapport(groupe() + transaction("A", "ACSC", montant="NaN")), "n'est pas un montant"),
        (rapport(groupe() + transaction("A", "ACSC", montant="-1")), "n'est pas un montant"),
        ("reference;resultat;code;montant;date\nA;peut-être;;;\n".encode(), "ligne 2 : « payé » ou « rejeté »"),
        ("reference;resultat;code;montant;date\nA;payé;;;31/02/2026\n".encode(), "n'est pas une date"),
        ("reference;resultat;code;montant;date\nA;payé;;dix;\n".encode(), "« dix » n'est pas un montant"),
        ("reference;resultat;code;montant;date\nA;payé;;;;trop\n".encode(), "« payé » ou « rejeté » est attendu"),
        pytest.param(b"x" * (20 * 2**20 + 1), "dépasse 20 Mo", id="trop gros"),
    ],
)  # fmt: skip
def test_ce_qui_ne_se_lit_pas_est_refuse(octets: bytes, phrase: str) -> None:
    with pytest.raises(ResultatIllisible) as refus:
        lire_resultats(octets, "relevé.xml")
    assert phrase in str(refus.value)
    assert "relevé.xml" in str(refus.value)

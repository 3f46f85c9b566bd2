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
    assert (lu.genre, lu.message, lu.ordre) == ("pain.002", "CAF-1", None)
    assert [(r.reference, r.sort, r.code, r.motif, r.montant_centimes) for r in lu.resultats] == [
        ("A", Sort.PAYEE, "", "", 30_000),
        ("B", Sort.REJETEE, "AC04", "compte clos", 30_000),
        ("C", Sort.EN_COURS, "", "", 30_000),
    ]


def ordre(statut: str = "", bloc: str = "", *lignes: str, raison: str = "", du_bloc: str = "CAF-1") -> bytes:
    """A status report of the order CAF-1: what is said of it, of its only block, of its transfers."""
    dit = f"<StsRsnInf>{raison}</StsRsnInf>" if raison else ""
    tete = f"<OrgnlMsgId>CAF-1</OrgnlMsgId><GrpSts>{statut}</GrpSts>{'' if bloc else dit}"
    corps = f"<OrgnlPmtInfId>{du_bloc}</OrgnlPmtInfId><PmtInfSts>{bloc}</PmtInfSts>{dit if bloc else ''}"
    blocs = f"<OrgnlPmtInfAndSts>{corps}{''.join(lignes)}</OrgnlPmtInfAndSts>" if bloc or lignes else ""
    return rapport(f"<OrgnlGrpInfAndSts>{tete}</OrgnlGrpInfAndSts>{blocs}")


AC04, DU01, PROPRE = "<Rsn><Cd>AC04</Cd></Rsn>", "<Rsn><Cd>DU01</Cd></Rsn>", "<Rsn><Prtry>DUPLICATE FILE</Prtry></Rsn>"


@pytest.mark.parametrize(
    ("octets", "sort", "code", "motif"),
    [
        (ordre("RJCT"), Sort.REJETEE, "NARR", ""),
        (ordre("RJCT", raison=AC04), Sort.REJETEE, "AC04", ""),
        (ordre("", "RJCT", raison=AC04), Sort.REJETEE, "AC04", ""),
        (ordre("PART", "RJCT", transaction("A", "RJCT", "AC01"), raison=AC04), Sort.REJETEE, "AC04", ""),
        (ordre("RJCT", raison=DU01), Sort.A_REGARDER, "", "refusé comme doublon (DU01)"),
        (ordre("", "RJCT", raison=DU01 + AC04), Sort.A_REGARDER, "", "refusé comme doublon (DU01)"),
        (ordre("RJCT", raison=PROPRE), Sort.A_REGARDER, "", "motif propre à la banque (« DUPLICATE FILE »)"),
        (ordre("ACSC", "RJCT"), Sort.A_REGARDER, "", "se contredit"),
        (ordre("", "RJCT", du_bloc="CAF-2"), Sort.A_REGARDER, "", "d'un autre bloc"),
        (ordre("ACSC"), Sort.A_REGARDER, "", "dit exécuté sans qu'aucun virement soit nommé"),
        (ordre("", "ACCC"), Sort.A_REGARDER, "", "dit exécuté sans qu'aucun virement soit nommé"),
        (ordre("PART"), Sort.A_REGARDER, "", "sans que rien soit dit de ses virements"),
        (ordre(), Sort.A_REGARDER, "", "sans que rien soit dit de ses virements"),
        (ordre("ACCP"), Sort.EN_COURS, "", ""),
    ],
)  # fmt: skip
def test_ce_qui_est_dit_de_l_ordre_entier(octets: bytes, sort: Sort, code: str, motif: str) -> None:
    lu = lire_resultats(octets, "r.xml").ordre
    assert lu is not None
    assert (lu.reference, lu.sort, lu.code) == ("CAF-1", sort, code)
    assert motif in lu.motif
    assert motif or not lu.motif


@pytest.mark.parametrize(
    ("statut", "raison", "devise", "attendu"),
    [
        ("RJCT", AC04, "EUR", (Sort.REJETEE, "AC04")),
        ("RJCT", "", "EUR", (Sort.REJETEE, "NARR")),
        ("RJCT", "<Rsn><Cd>AM05</Cd></Rsn>", "EUR", (Sort.A_REGARDER, "")),
        ("RJCT", PROPRE, "EUR", (Sort.A_REGARDER, "")),
        ("", AC04, "EUR", (Sort.A_REGARDER, "")),
        ("ACSC", "", "USD", (Sort.A_REGARDER, "")),
    ],
)
def test_ce_qui_est_dit_d_un_virement(statut: str, raison: str, devise: str, attendu: tuple[Sort, str]) -> None:
    ligne = transaction("A", statut).replace("</TxSts>", f"</TxSts><StsRsnInf>{raison}</StsRsnInf>")
    (lu,) = lire_resultats(ordre("PART", "", ligne.replace("EUR", devise)), "r.xml").resultats
    assert (lu.reference, lu.sort, lu.code) == ("A", *attendu)


def ecriture(sens: str, plus: str = "", statut: str = "", devise: str = "EUR") -> bytes:
    """A notification of one transaction, A, of 12,34; `plus` is what its details add, `statut` what its entry does."""
    detail = f'<Refs><EndToEndId>A</EndToEndId></Refs><Amt Ccy="{devise}">12.34</Amt>{plus}'
    octets = notification(f"<TxDtls>{detail}</TxDtls>", sens=sens)
    return octets.replace(b"<BookgDt>", f"{statut}<BookgDt>".encode())


AC01, SIEN = "<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>", "<RtrInf><Rsn><Prtry>X</Prtry></Rsn></RtrInf>"


@pytest.mark.parametrize(
    ("octets", "sort", "code"),
    [
        (ecriture("DBIT"), Sort.PAYEE, ""),
        (ecriture("DBIT", statut="<Sts><Cd>BOOK</Cd></Sts>"), Sort.PAYEE, ""),
        (ecriture("DBIT", statut="<Sts>BOOK</Sts>"), Sort.PAYEE, ""),
        (ecriture("DBIT", statut="<Sts><Cd>PDNG</Cd></Sts>"), Sort.EN_COURS, ""),
        (ecriture("DBIT", statut="<Sts>PDNG</Sts>"), Sort.EN_COURS, ""),
        (ecriture("DBIT", statut="<Sts><Prtry>BLOQUE</Prtry></Sts>"), Sort.EN_COURS, ""),
        (ecriture("DBIT", AC01), Sort.A_REGARDER, ""),
        (ecriture("DBIT", SIEN), Sort.A_REGARDER, ""),
        (ecriture("DBIT", statut="<RvslInd>true</RvslInd>"), Sort.A_REGARDER, ""),
        (ecriture("DBIT", devise="USD"), Sort.A_REGARDER, ""),
        (ecriture(""), Sort.A_REGARDER, ""),
        (ecriture("CRDT", AC01), Sort.REJETEE, "AC01"),
        (ecriture("CRDT", "<RtrInf/>"), Sort.REJETEE, "NARR"),
        (ecriture("CRDT", AC01, statut="<Sts><Cd>PDNG</Cd></Sts>"), Sort.EN_COURS, ""),
        (ecriture("CRDT", AC01.replace("AC01", "AM05")), Sort.A_REGARDER, ""),
        (ecriture("CRDT", SIEN), Sort.A_REGARDER, ""),
        (ecriture("CRDT"), Sort.CREDIT, ""),
        (ecriture("CRDT", statut="<RvslInd>true</RvslInd>"), Sort.CREDIT, ""),
    ],
)  # fmt: skip
def test_ce_qu_une_ecriture_de_la_banque_dit_d_un_virement(octets: bytes, sort: Sort, code: str) -> None:
    (lu,) = lire_resultats(octets, "c.xml").resultats
    assert (lu.reference, lu.sort, lu.code) == ("A", sort, code)
    assert (lu.montant_centimes, lu.le) == (None if b"USD" in octets else 1_234, date(2026, 3, 16))


def test_une_ecriture_sans_detail_n_est_pas_tue() -> None:
    (lu,) = lire_resultats(notification("<Btch><NbOfTxs>2</NbOfTxs></Btch>"), "c.xml").resultats
    assert (lu.reference, lu.sort) == ("", Sort.A_REGARDER)
    assert "sans détail" in lu.motif


@pytest.mark.parametrize(
    ("ecrit", "code", "motif", "sort"),
    [
        ("AC04", "AC04", "", Sort.REJETEE),
        ("", "NARR", "", Sort.REJETEE),
        ("AC  ", "AC", "", Sort.REJETEE),
        ("compte clos à la banque", "NARR", "compte clos à la banque", Sort.REJETEE),
        ("a\0b", "NARR", "a b", Sort.REJETEE),
        ("x" * 3_000, "NARR", "x" * 200, Sort.REJETEE),
        ("du01", "", "refusé comme doublon (du01)", Sort.A_REGARDER),
    ],
)
def test_le_code_d_un_csv_est_celui_de_la_norme_ou_des_mots(ecrit: str, code: str, motif: str, sort: Sort) -> None:
    (lu,) = lire_resultats(f"reference;resultat;code;montant;date\nA;rejeté;{ecrit};;\n".encode(), "c.csv").resultats
    assert (lu.sort, lu.code) == (sort, code)
    assert lu.motif.startswith(motif)


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

"""What the bank answers: a status report (pain.002), a notification of debits and returns (camt.054), or a CSV.

Whatever the version of the message, elements are found by their names. The file is hostile until read: no entity, no
network, no type declaration.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from lxml import etree

TAILLE_AU_PLUS = 20 * 2**20
EXECUTES, REJETES = frozenset({"ACSC", "ACCC"}), frozenset({"RJCT", "CANC"})
COLONNES = ("reference", "resultat", "code", "montant", "date")
MOTS = {
    "payé": "payee",
    "paye": "payee",
    "payée": "payee",
    "rejeté": "rejetee",
    "rejete": "rejetee",
    "rejetée": "rejetee",
}


class ResultatIllisible(Exception):
    """A file of results that cannot be read; the message is a French sentence."""


class Sort(StrEnum):
    """What became of a transfer. `EN_COURS`: the bank has it, nothing is settled yet."""

    PAYEE = "payee"
    REJETEE = "rejetee"
    EN_COURS = "en_cours"


@dataclass(frozen=True, slots=True)
class Resultat:
    """What the bank says of one transfer: its `reference` as written in the order, its amount in cents if it is said.

    `code` is the ISO reason of a rejection (AC01: wrong account…), `ou` the place in the file.
    """

    reference: str
    sort: Sort
    code: str
    motif: str
    montant_centimes: int | None
    le: date | None
    ou: str


@dataclass(frozen=True, slots=True)
class Releve:
    """The results of a file. `message`: the identifier of the order it answers, "" when it does not say.

    `message_rejete`: the code when the bank refused the whole order, "" otherwise.
    """

    genre: str
    message: str
    message_rejete: str
    resultats: tuple[Resultat, ...]


def lire_resultats(octets: bytes, nom: str) -> Releve:
    """Read a file of results, its kind told by its content.

    Raises:
        ResultatIllisible: too big, malformed, of another kind, or an amount or a date that is none.
    """
    if len(octets) > TAILLE_AU_PLUS:
        raise ResultatIllisible(
            f"« {nom} » dépasse {TAILLE_AU_PLUS // 2**20} Mo : ce n'est pas un relevé de résultats."
        )
    if not octets.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _lire_csv(octets, nom)
    lecteur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.fromstring(octets, lecteur)
    except etree.XMLSyntaxError as erreur:
        raise ResultatIllisible(f"« {nom} », ligne {erreur.lineno} : ce n'est pas un XML entier.") from None
    if document.getroottree().docinfo.doctype:
        raise ResultatIllisible(f"« {nom} » déclare un type de document : un relevé bancaire n'en a pas.")
    rapport = next(document.iter("{*}CstmrPmtStsRpt"), None)
    if rapport is not None:
        return _lire_rapport(rapport, nom)
    notification = next(document.iter("{*}BkToCstmrDbtCdtNtfctn"), None)
    if notification is not None:
        return Releve("camt.054", "", "", tuple(_lire_notification(notification, nom)))
    raise ResultatIllisible(f"« {nom} » n'est ni un pain.002, ni un camt.054, ni un CSV de résultats.")


def _texte(element: etree._Element, chemin: str) -> str:
    trouve = element.find("/".join(f"{{*}}{nom}" for nom in chemin.split("/")))
    return "" if trouve is None else (trouve.text or "").strip()


def _lire_rapport(rapport: etree._Element, nom: str) -> Releve:
    groupe = rapport.find("{*}OrgnlGrpInfAndSts")
    if groupe is None:
        raise ResultatIllisible(f"« {nom} » ne dit pas à quel ordre de virement il répond (OrgnlGrpInfAndSts).")
    statut = _texte(groupe, "GrpSts")
    lignes = tuple(_lire_transaction(e, nom) for e in rapport.iter("{*}TxInfAndSts"))
    rejete = (_texte(groupe, "StsRsnInf/Rsn/Cd") or "RJCT") if statut in REJETES and not lignes else ""
    return Releve("pain.002", _texte(groupe, "OrgnlMsgId"), rejete, lignes)


def _lire_transaction(transaction: etree._Element, nom: str) -> Resultat:
    statut = _texte(transaction, "TxSts")
    sort = Sort.PAYEE if statut in EXECUTES else Sort.REJETEE if statut in REJETES else Sort.EN_COURS
    ou = f"ligne {transaction.sourceline}"
    montant = _texte(transaction, "OrgnlTxRef/Amt/InstdAmt")
    jour = _texte(transaction, "AccptncDtTm")[:10]
    return Resultat(
        _texte(transaction, "OrgnlEndToEndId"),
        sort,
        _texte(transaction, "StsRsnInf/Rsn/Cd") if sort is Sort.REJETEE else "",
        _texte(transaction, "StsRsnInf/AddtlInf") if sort is Sort.REJETEE else "",
        _centimes(montant, nom, ou) if montant else None,
        _jour(jour, nom, ou) if jour else None,
        ou,
    )


def _lire_notification(notification: etree._Element, nom: str) -> Iterator[Resultat]:
    """Give each transfer debited, and each one that came back (a credit with a reason of return)."""
    for ecriture in notification.iter("{*}Ntry"):
        jour = _texte(ecriture, "BookgDt/Dt") or _texte(ecriture, "BookgDt/DtTm")[:10]
        for detail in ecriture.iter("{*}TxDtls"):
            ou = f"ligne {detail.sourceline}"
            sens = _texte(detail, "CdtDbtInd") or _texte(ecriture, "CdtDbtInd")
            code = _texte(detail, "RtrInf/Rsn/Cd")
            if sens == "CRDT" and not code:
                continue  # money that comes in, no transfer of ours
            montant = _texte(detail, "Amt") or _texte(detail, "AmtDtls/TxAmt/Amt")
            yield Resultat(
                _texte(detail, "Refs/EndToEndId"),
                Sort.REJETEE if code else Sort.PAYEE,
                code,
                _texte(detail, "RtrInf/AddtlInf"),
                _centimes(montant, nom, ou) if montant else None,
                _jour(jour, nom, ou) if jour else None,
                ou,
            )


def _lire_csv(octets: bytes, nom: str) -> Releve:
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252", "replace")
    lecteur = csv.DictReader(io.StringIO(texte, newline=""), delimiter=";")
    if tuple(lecteur.fieldnames or ()) != COLONNES:
        raise ResultatIllisible(f"« {nom} », ligne 1 : les colonnes attendues sont « {' ; '.join(COLONNES)} ».")
    resultats = []
    try:
        for ligne in lecteur:
            ou = f"ligne {lecteur.line_num}"
            sort = MOTS.get((ligne["resultat"] or "").strip().lower())
            if sort is None or None in ligne:
                raise ResultatIllisible(f"« {nom} », {ou} : « payé » ou « rejeté » est attendu dans « resultat ».")
            montant, jour = (ligne["montant"] or "").strip(), (ligne["date"] or "").strip()
            resultats.append(
                Resultat(
                    (ligne["reference"] or "").strip(),
                    Sort(sort),
                    (ligne["code"] or "").strip(),
                    "",
                    _centimes(montant.replace(" ", "").replace(",", "."), nom, ou) if montant else None,
                    _jour("-".join(reversed(jour.split("/"))), nom, ou) if jour else None,
                    ou,
                )
            )
    except csv.Error as erreur:
        raise ResultatIllisible(f"« {nom} » n'est pas un CSV lisible ({erreur}).") from None
    return Releve("csv", "", "", tuple(resultats))


def _centimes(texte: str, nom: str, ou: str) -> int:
    try:
        centimes = Decimal(texte) * 100
    except InvalidOperation:
        centimes = Decimal("NaN")
    if not centimes.is_finite() or centimes != centimes.to_integral_value() or centimes < 0:
        raise ResultatIllisible(f"« {nom} », {ou} : « {texte} » n'est pas un montant en euros et centimes.")
    return int(centimes)


def _jour(texte: str, nom: str, ou: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise ResultatIllisible(f"« {nom} », {ou} : « {texte} » n'est pas une date.") from None

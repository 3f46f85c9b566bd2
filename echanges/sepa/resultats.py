"""What the bank answers: a status report (pain.002), a notification of debits and returns (camt.054), or a CSV.

Whatever the version of the message, elements are found by their names. The file is hostile until read: no entity, no
network, no type declaration. All that it says of a transfer is given, be it to say that it decides nothing.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from lxml import etree

TAILLE_AU_PLUS = 20 * 2**20
EXECUTES, REJETES = frozenset({"ACSC", "ACCC"}), frozenset({"RJCT", "CANC"})
DOUBLONS = frozenset({"AM05", "DU01", "DU02", "DU03", "DU04", "DU05"})  # ISO 20022: the bank has it already
REFUS_DE_DOUBLON = (
    "refusé comme doublon ({}) : la banque l'a déjà, attendez ce que devient le premier envoi et ne payez pas deux fois"
)
REFUS_PROPRE = (
    "refusé pour un motif propre à la banque (« {} ») : vérifiez qu'il n'est pas payé, puis notez ce rejet dans un CSV"
)
SANS_CODE = "NARR"  # ISO 20022: the reason is told in words only
CODE_AU_PLUS, MOTIF_AU_PLUS = 4, 200
COMPTABILISES = frozenset({"", "BOOK"})
COLONNES = ("reference", "resultat", "code", "montant", "date")


class ResultatIllisible(Exception):
    """A file of results that cannot be read; the message is a French sentence."""


class Sort(StrEnum):
    """What became of a transfer.

    `EN_COURS`: the bank has it, nothing is settled yet. `CREDIT`: money came in under its reference, not said to be a
    return. `A_REGARDER`: what the file says decides nothing, a person sees to it.
    """

    PAYEE = "payee"
    REJETEE = "rejetee"
    EN_COURS = "en_cours"
    CREDIT = "credit"
    A_REGARDER = "a_regarder"


MOTS = {
    "payé": Sort.PAYEE,
    "paye": Sort.PAYEE,
    "payée": Sort.PAYEE,
    "rejeté": Sort.REJETEE,
    "rejete": Sort.REJETEE,
    "rejetée": Sort.REJETEE,
}


@dataclass(frozen=True, slots=True)
class Resultat:
    """What the bank says of one transfer: its `reference` as written in the order, its amount in cents if it is said.

    `code` is the ISO reason of a rejection (AC01: wrong account…), `motif` what the bank adds in words, or the French
    sentence that says what is to be looked at; `ou` the place in the file.
    """

    reference: str
    sort: Sort
    code: str
    motif: str
    montant_centimes: int | None
    le: date | None
    ou: str

    @property
    def raison(self) -> str:
        """The reason of a rejection: its code, with the words that stand for it when it has none."""
        return f"{self.code} : {self.motif}" if self.code == SANS_CODE and self.motif else self.code


@dataclass(frozen=True, slots=True)
class Releve:
    """The results of a file. `message`: the identifier of the order it answers, "" when it does not say.

    `ordre`: what the bank says of that order as a whole, None when only its transfers speak.
    """

    genre: str
    message: str
    ordre: Resultat | None
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
        return Releve("camt.054", "", None, tuple(_lire_notification(notification, nom)))
    raise ResultatIllisible(f"« {nom} » n'est ni un pain.002, ni un camt.054, ni un CSV de résultats.")


def _trouver(element: etree._Element, chemin: str) -> etree._Element | None:
    return element.find("/".join(f"{{*}}{nom}" for nom in chemin.split("/")))


def _texte(element: etree._Element, chemin: str) -> str:
    trouve = _trouver(element, chemin)
    return "" if trouve is None else (trouve.text or "").strip()


def _lire_rapport(rapport: etree._Element, nom: str) -> Releve:
    groupe = rapport.find("{*}OrgnlGrpInfAndSts")
    if groupe is None:
        raise ResultatIllisible(f"« {nom} » ne dit pas à quel ordre de virement il répond (OrgnlGrpInfAndSts).")
    message = _texte(groupe, "OrgnlMsgId")
    lignes = tuple(_lire_transaction(e, nom) for e in rapport.iter("{*}TxInfAndSts"))
    return Releve("pain.002", message, _lire_ordre(rapport, groupe, message, nommes=bool(lignes)), lignes)


def _lire_ordre(rapport: etree._Element, groupe: etree._Element, message: str, *, nommes: bool) -> Resultat | None:
    """Read what is said of an order as a whole, or of its only block: a refusal, or all that is when none is named."""
    blocs = list(rapport.iter("{*}OrgnlPmtInfAndSts"))
    dits = [(groupe, _texte(groupe, "GrpSts")), *((bloc, _texte(bloc, "PmtInfSts")) for bloc in blocs)]
    statuts = {statut for _, statut in dits if statut}
    refuses = [element for element, statut in dits if statut in REJETES]
    if not refuses and nommes:
        return None
    code, ou = "", f"ligne {groupe.sourceline}"
    if refuses and (statuts & EXECUTES or {_texte(bloc, "OrgnlPmtInfId") for bloc in blocs} - {"", message}):
        sort, motif = Sort.A_REGARDER, "dit refusé, dans une réponse qui se contredit ou parle d'un autre bloc"
    elif refuses:
        sort, code, motif = _lire_rejet(refuses, "StsRsnInf")
        ou = f"ligne {refuses[0].sourceline}"
    elif statuts & EXECUTES:
        sort, motif = Sort.A_REGARDER, "dit exécuté sans qu'aucun virement soit nommé : attendez leur détail"
    elif statuts - {"PART"}:
        sort, motif = Sort.EN_COURS, ""
    else:
        sort, motif = Sort.A_REGARDER, "cité sans que rien soit dit de ses virements"
    return Resultat(message, sort, code, motif, None, None, ou)


def _lire_transaction(transaction: etree._Element, nom: str) -> Resultat:
    statut = _texte(transaction, "TxSts")
    code, motif = "", ""
    if statut in REJETES:
        sort, code, motif = _lire_rejet([transaction], "StsRsnInf")
    elif not statut:
        sort, motif = Sort.A_REGARDER, "cité sans statut"
    else:
        sort = Sort.PAYEE if statut in EXECUTES else Sort.EN_COURS
    ou = f"ligne {transaction.sourceline}"
    jour = _texte(transaction, "AccptncDtTm")[:10]
    lu = Resultat(_texte(transaction, "OrgnlEndToEndId"), sort, code, motif, None, _jour(jour, nom, ou), ou)
    return _chiffrer(lu, [_trouver(transaction, "OrgnlTxRef/Amt/InstdAmt")], nom)


def _lire_rejet(elements: Sequence[etree._Element], champ: str) -> tuple[Sort, str, str]:
    """Give what a refusal or a return comes to: (sort, code, words). Its reasons may be several, or the bank's own."""
    raisons = [raison for element in elements for raison in element.findall(f"{{*}}{champ}")]
    codes = [code for raison in raisons if (code := _texte(raison, "Rsn/Cd"))]
    propres = [texte for raison in raisons if (texte := _texte(raison, "Rsn/Prtry"))]
    ajouts = [ajout.text or "" for raison in raisons for ajout in raison.iter("{*}AddtlInf")]
    if propres and not codes:
        dit = _en_clair(*propres, *ajouts)
        return Sort.A_REGARDER, "", REFUS_PROPRE.format(dit)
    return _rejet(codes, _en_clair(*ajouts))


def _rejet(codes: Sequence[str], mots: str) -> tuple[Sort, str, str]:
    """Judge a rejection by its codes: one for a duplicate says that the bank has the first, which may still be paid."""
    doublon = next((code for code in codes if code.upper() in DOUBLONS), "")
    if doublon:
        return Sort.A_REGARDER, "", REFUS_DE_DOUBLON.format(doublon)
    code = codes[0] if codes else SANS_CODE
    if len(code) <= CODE_AU_PLUS and code.isalnum():
        return Sort.REJETEE, code, mots
    return Sort.REJETEE, SANS_CODE, _en_clair(code, mots)


def _en_clair(*textes: str) -> str:
    """Give words of the bank on one line, short enough to be kept."""
    mots = " ".join(textes).replace("\0", " ").split()
    return " ".join(mots)[:MOTIF_AU_PLUS]


def _lire_notification(notification: etree._Element, nom: str) -> Iterator[Resultat]:
    """Give each transfer debited, each one that came back, and whatever else is written on the account."""
    for ecriture in notification.iter("{*}Ntry"):
        details = list(ecriture.iter("{*}TxDtls"))
        if not details:
            motif = "une écriture sans détail ne dit pas de quels virements elle parle"
            yield Resultat("", Sort.A_REGARDER, "", motif, None, None, f"ligne {ecriture.sourceline}")
        for detail in details:
            yield _lire_detail(ecriture, detail, nom)


def _lire_detail(ecriture: etree._Element, detail: etree._Element, nom: str) -> Resultat:
    """Read one transaction: paid when debited for good and nothing else, rejected when its return is booked."""
    sens = _texte(detail, "CdtDbtInd") or _texte(ecriture, "CdtDbtInd")
    retour = detail.find("{*}RtrInf") is not None
    extourne = _texte(ecriture, "RvslInd") in {"true", "1"}
    code, motif = "", ""
    if sens == "CRDT" and retour:
        sort, code, motif = _lire_rejet([detail], "RtrInf")
    elif sens == "CRDT":
        quoi = "extourné" if extourne else "crédité"
        sort, motif = Sort.CREDIT, f"{quoi} sans motif de retour : voyez avec la banque s'il est revenu"
    elif sens == "DBIT" and not retour and not extourne:
        sort = Sort.PAYEE
    else:
        sort, motif = Sort.A_REGARDER, "une écriture qui n'est ni un débit simple, ni un retour"
    statut = next(filter(None, (_texte(ecriture, chemin) for chemin in ("Sts/Cd", "Sts/Prtry", "Sts"))), "")
    if sort in {Sort.PAYEE, Sort.REJETEE} and statut not in COMPTABILISES:
        sort, code, motif = Sort.EN_COURS, "", ""
    ou = f"ligne {detail.sourceline}"
    jour = _texte(ecriture, "BookgDt/Dt") or _texte(ecriture, "BookgDt/DtTm")[:10]
    lu = Resultat(_texte(detail, "Refs/EndToEndId"), sort, code, motif, None, _jour(jour, nom, ou), ou)
    dits = [_trouver(detail, "Amt"), _trouver(detail, "AmtDtls/TxAmt/Amt")]
    return _chiffrer(lu, [*dits, _trouver(ecriture, "Amt")], nom, dont=len(dits))


def _chiffrer(lu: Resultat, montants: Sequence[etree._Element | None], nom: str, dont: int = 1) -> Resultat:
    """Add the amount of a transfer, the first that is said among the `dont` first; all tell its currency."""
    dits = [montant for montant in montants if montant is not None]
    devise = next((d for montant in dits if (d := montant.get("Ccy", "EUR")) != "EUR"), "")
    if devise:
        motif = f"compté en {_en_clair(devise)} : nos virements sont en euros"
        return replace(lu, sort=Sort.A_REGARDER, code="", motif=motif) if lu.sort is not Sort.CREDIT else lu
    texte = next((montant.text or "" for montant in montants[:dont] if montant is not None), "").strip()
    return replace(lu, montant_centimes=_centimes(texte, nom, lu.ou)) if texte else lu


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
            code = (ligne["code"] or "").strip()
            lu, code, motif = _rejet([code] if code else [], "") if sort is Sort.REJETEE else (sort, "", "")
            resultats.append(
                Resultat(
                    (ligne["reference"] or "").strip(),
                    lu,
                    code,
                    motif,
                    _centimes(montant.replace(" ", "").replace(",", "."), nom, ou) if montant else None,
                    _jour("-".join(reversed(jour.split("/"))), nom, ou),
                    ou,
                )
            )
    except csv.Error as erreur:
        raise ResultatIllisible(f"« {nom} » n'est pas un CSV lisible ({erreur}).") from None
    return Releve("csv", "", None, tuple(resultats))


def _centimes(texte: str, nom: str, ou: str) -> int:
    try:
        centimes = Decimal(texte) * 100
    except InvalidOperation:
        centimes = Decimal("NaN")
    if not centimes.is_finite() or centimes != centimes.to_integral_value() or centimes < 0:
        raise ResultatIllisible(f"« {nom} », {ou} : « {texte} » n'est pas un montant en euros et centimes.")
    return int(centimes)


def _jour(texte: str, nom: str, ou: str) -> date | None:
    if not texte:
        return None
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise ResultatIllisible(f"« {nom} », {ou} : « {texte} » n'est pas une date.") from None

"""Read the bytes of a file of transfers before it leaves, knowing nothing of how they were written.

Everything is checked against what the database says must be paid. One fault is enough: the file is not made.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from lxml import etree
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from echanges.sepa.caracteres import ADMIS, en_sepa
from regles.adresse_postale import AdressePostale, FormeAdresse
from regles.monnaie import formater_euros

NORME = "pain.001.001.09"
ESPACE = f"urn:iso:std:iso:20022:tech:xsd:{NORME}"
ABREGE = {"p": ESPACE}
LIGNES_LIBRES = 2  # of a hybrid address
IDENTIFIANT_AU_PLUS = 35
SAMEDI = 5


@dataclass(frozen=True, slots=True)
class PaiementAttendu:
    """What a line of the batch must pay, in cents, to which account, and where the payee lives.

    `rang`: that of the line in its batch, from 1. `reference`: the due's, as banks take it.
    """

    rang: int
    reference: str
    iban: str
    montant_centimes: int
    adresse: AdressePostale | None = None


@dataclass(frozen=True, slots=True)
class OrdreAttendu:
    """What the file of the batch `lot` (its number) must say. `identifiant`: of the message.

    `deja_payees`: the dues that earlier files pay, `deja_employes`: the identifiers of all their transfers, those that
    the bank rejected included.
    """

    lot: str
    identifiant: str
    compte_debite: str
    paiements: Sequence[PaiementAttendu]
    deja_payees: Collection[str]
    deja_employes: Collection[str]
    exporte_le: date
    fermetures: Collection[date]
    adresse: FormeAdresse = FormeAdresse.AUCUNE

    @property
    def total_centimes(self) -> int:
        """What the file must pay in all, in cents."""
        return sum(paiement.montant_centimes for paiement in self.paiements)

    def par_identifiant(self) -> dict[str, PaiementAttendu]:
        """Give each payment by the identifier that its batch and its rank call for."""
        etape, _, numero = self.lot.rpartition("-lot-")
        simple = numero.isascii() and numero.isdigit() and all(m.isascii() and m.isalnum() for m in etape.split("-"))
        attendus = {}
        for paiement in self.paiements:
            fin = f"-{paiement.rang:03d}"
            lisible = f"{etape}-{numero}{fin}"
            court = simple and len(lisible) <= IDENTIFIANT_AU_PLUS
            attendus[lisible if court else self.identifiant + fin] = paiement
        return attendus


@dataclass(frozen=True, slots=True)
class _Lu:
    """A transfer as read: its label, its amount in cents, the fields of its address in order (None: no address)."""

    identifiant: str
    iban: str
    centimes: int
    devise: str
    libelle: str
    adresse: tuple[tuple[str, str], ...] | None


def relire(octets: bytes, attendu: OrdreAttendu) -> tuple[str, ...]:
    """Give the faults of a file, in French sentences; none when it may leave."""
    lecteur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        document = etree.fromstring(octets, lecteur)
    except etree.XMLSyntaxError as erreur:
        return (f"Le fichier n'est pas un XML entier (ligne {erreur.lineno}).",)
    if document.getroottree().docinfo.doctype:
        return ("Le fichier déclare un type de document : un ordre de virement n'en a pas.",)
    if document.tag != f"{{{ESPACE}}}Document":
        return (f"Le fichier n'est pas un message {NORME}.",)
    norme = _norme()
    if not norme.validate(document):
        return tuple(f"Ligne {e.line} : hors de la norme {NORME} ({e.message})." for e in norme.error_log)
    lus = tuple(_virements(document))
    prevus = attendu.par_identifiant()
    fautes = [faute for verifier in (_identite, _comptes, _date) for faute in verifier(document, attendu)]
    fautes += [*_sommes(document, attendu, lus), *_identifiants(attendu, lus)]
    fautes += [faute for lu in lus for faute in _virement(lu, prevus.get(lu.identifiant), attendu)]
    absents = prevus.keys() - {lu.identifiant for lu in lus}
    fautes += [f"{_nom(i, prevus[i])} : dans le lot, absent du fichier." for i in sorted(absents)]
    return (*fautes, *_textes(document), *_adresses(document))


@lru_cache
def _norme() -> etree.XMLSchema:
    """The official schema of the message (iso20022.org, catalogue of messages, Payments Initiation)."""
    return etree.XMLSchema(etree.parse(Path(__file__).with_name(f"{NORME}.xsd")))


def _textes_de(element: etree._Element, chemin: str) -> list[str]:
    return [trouve.text or "" for trouve in element.findall(chemin, ABREGE)]


def _virements(document: etree._Element) -> Iterator[_Lu]:
    for virement in document.iter(f"{{{ESPACE}}}CdtTrfTxInf"):
        (montant,) = (e for e in virement.iter(f"{{{ESPACE}}}InstdAmt", f"{{{ESPACE}}}EqvtAmt"))
        adresse = virement.find("p:Cdtr/p:PstlAdr", ABREGE)
        yield _Lu(
            _textes_de(virement, "p:PmtId/p:EndToEndId")[0],
            (_textes_de(virement, "p:CdtrAcct/p:Id/p:IBAN") or [""])[0],
            _centimes(montant.text or ""),
            montant.get("Ccy", ""),
            " ".join(_textes_de(virement, "p:RmtInf/p:Ustrd")),
            None
            if adresse is None
            else tuple((etree.QName(e).localname, e.text or "") for e in adresse.iterchildren("{*}*")),
        )


def _centimes(texte: str) -> int:
    """Read an amount in cents; -1 for one that has a part of a cent."""
    centimes = Decimal(texte) * 100
    return int(centimes) if centimes == centimes.to_integral_value() else -1


def _identite(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    for chemin, nom in ((".//p:MsgId", "du message"), (".//p:PmtInfId", "du paiement")):
        lus = _textes_de(document, chemin)
        if lus != [attendu.identifiant]:
            yield f"L'identifiant {nom} est {', '.join(lus)}, {attendu.identifiant} est attendu."


def _sommes(document: etree._Element, attendu: OrdreAttendu, lus: Sequence[_Lu]) -> Iterator[str]:
    total = sum(lu.centimes for lu in lus)
    for chemin, ou in ((".//p:GrpHdr", "L'en-tête"), (".//p:PmtInf", "Le bloc de paiement")):
        for nombre in _textes_de(document, f"{chemin}/p:NbOfTxs") or [""]:
            if nombre != str(len(lus)):
                yield f"{ou} annonce {nombre or 'aucun nombre de'} virements, le fichier en porte {len(lus)}."
        for somme in _textes_de(document, f"{chemin}/p:CtrlSum") or ["-1"]:
            if _centimes(somme) != total:
                yield f"{ou} annonce une somme de {somme}, les virements font {formater_euros(total)}."
    if total != attendu.total_centimes:
        yield f"Les virements font {formater_euros(total)}, le lot {formater_euros(attendu.total_centimes)}."


def _comptes(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    debites = _textes_de(document, ".//p:DbtrAcct/p:Id/p:IBAN")
    if debites != [attendu.compte_debite]:
        yield "Le compte débité n'est pas celui de la Caf."


def _identifiants(attendu: OrdreAttendu, lus: Sequence[_Lu]) -> Iterator[str]:
    """No two transfers ever sent share an identifier; the due of a transfer is paid by no earlier one."""
    for identifiant, fois in Counter(lu.identifiant for lu in lus).items():
        if fois > 1:
            yield f"{identifiant} : {fois} fois dans le fichier."
        if identifiant in attendu.deja_employes:
            yield f"{identifiant} : identifiant déjà employé par un fichier de virements antérieur."
    for reference, fois in Counter(paiement.reference for paiement in attendu.paiements).items():
        if fois > 1:
            yield f"{reference} : {fois} fois dans le lot."
        if reference in attendu.deja_payees:
            yield f"{reference} : déjà payé par un fichier de virements antérieur."


def _nom(identifiant: str, prevu: PaiementAttendu) -> str:
    return f"{identifiant} ({prevu.reference})"


def _virement(lu: _Lu, prevu: PaiementAttendu | None, attendu: OrdreAttendu) -> Iterator[str]:
    """Hold a transfer to the line of the batch it pays."""
    if prevu is None:
        yield f"{lu.identifiant} : dans le fichier, absent du lot."
        return
    nom = _nom(lu.identifiant, prevu)
    if lu.devise != "EUR":
        yield f"{nom} : la devise est {lu.devise}, EUR est attendu."
    if lu.centimes != prevu.montant_centimes:
        attendus = formater_euros(prevu.montant_centimes)
        yield f"{nom} : {formater_euros(lu.centimes)} dans le fichier, {attendus} dans le lot."
    if lu.iban != prevu.iban:
        yield f"{nom} : le compte n'est pas celui que le lot a figé."
    try:
        IBAN(lu.iban, validate_bban=True)
    except (SchwiftyException, ValueError):
        yield f"{nom} : l'IBAN ne tient pas (clé de contrôle ou clé RIB)."
    if prevu.reference not in lu.libelle.split():
        yield f"{nom} : le libellé ne dit pas la référence du dû."
    yield from _adresse(nom, lu.adresse, prevu.adresse, attendu.adresse)


def _adresse(
    nom: str, lue: tuple[tuple[str, str], ...] | None, connue: AdressePostale | None, forme: FormeAdresse
) -> Iterator[str]:
    if forme is FormeAdresse.AUCUNE or connue is None:
        if lue is not None:
            pourquoi = "le réglage n'en demande pas" if forme is FormeAdresse.AUCUNE else "le partenaire n'en a pas"
            yield f"{nom} : le fichier porte une adresse, alors que {pourquoi}."
        return
    postal = [("PstCd", connue.code_postal, 16), ("TwnNm", connue.ville, 35), ("Ctry", connue.pays, 2)]
    if forme is FormeAdresse.HYBRIDE:
        champs = [*postal, ("AdrLine", f"{connue.numero} {connue.rue}", 70)]
    else:
        champs = [("StrtNm", connue.rue, 70), ("BldgNb", connue.numero, 16), *postal]
    if lue != tuple((champ, en_sepa(texte, longueur)) for champ, texte, longueur in champs if texte):
        quoi = "manque" if lue is None else "n'est pas celle du partenaire, dans la forme que demande le réglage"
        yield f"{nom} : l'adresse {quoi}."


def _textes(document: etree._Element) -> Iterator[str]:
    for element in document.iter(etree.Element):
        texte = (element.text or "").strip()
        nom = etree.QName(element).localname
        if not ADMIS.fullmatch(texte):
            yield f"Ligne {element.sourceline} : {nom} porte un caractère que les banques refusent."
        if nom in {"MsgId", "PmtInfId", "EndToEndId"} and (
            texte.startswith("/") or texte.endswith("/") or "//" in texte
        ):
            yield f"Ligne {element.sourceline} : {nom} commence, finit ou se coupe par une barre oblique."
        if nom == "Nm" and not texte:
            yield f"Ligne {element.sourceline} : un nom est vide."


def _adresses(document: etree._Element) -> Iterator[str]:
    """Say what no address may be: since 15 November 2026, one whose town and country have no field of their own."""
    for adresse in document.iter(f"{{{ESPACE}}}PstlAdr"):
        if not (_textes_de(adresse, "p:TwnNm") and _textes_de(adresse, "p:Ctry")):
            yield f"Ligne {adresse.sourceline} : une adresse sans ville ni pays dans leurs champs est refusée."
        if len(_textes_de(adresse, "p:AdrLine")) > LIGNES_LIBRES:
            yield f"Ligne {adresse.sourceline} : une adresse a deux lignes libres au plus."
    portees, attendues = document.findall(".//p:PstlAdr", ABREGE), document.findall(".//p:Cdtr/p:PstlAdr", ABREGE)
    if len(portees) > len(attendues):
        yield "Le fichier porte une adresse qui n'est pas celle d'un bénéficiaire."


def _date(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    for texte in _textes_de(document, ".//p:ReqdExctnDt/p:Dt") or [""]:
        jour = date.fromisoformat(texte) if texte else date.min
        if jour <= attendu.exporte_le:
            yield f"La date d'exécution ({jour:%d/%m/%Y}) ne suit pas l'export."
        elif jour.weekday() >= SAMEDI or jour in attendu.fermetures:
            yield f"La date d'exécution ({jour:%d/%m/%Y}) n'est pas un jour où les banques échangent (T2)."

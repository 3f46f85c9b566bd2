"""Read the bytes of a file of transfers before it leaves, knowing nothing of how they were written.

Everything is checked against what the database says must be paid. One fault is enough: the file is not made.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from lxml import etree
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from echanges.sepa.caracteres import ADMIS
from regles.monnaie import formater_euros

NORME = "pain.001.001.09"
ESPACE = f"urn:iso:std:iso:20022:tech:xsd:{NORME}"
ABREGE = {"p": ESPACE}
LIGNES_LIBRES = 2  # of a hybrid address
SAMEDI = 5


@dataclass(frozen=True, slots=True)
class PaiementAttendu:
    """What one reference must pay, in cents, and to which account."""

    iban: str
    montant_centimes: int


@dataclass(frozen=True, slots=True)
class OrdreAttendu:
    """What the file of a batch must say. `deja_payees`: the references of earlier files."""

    identifiant: str
    compte_debite: str
    paiements: Mapping[str, PaiementAttendu]
    deja_payees: Collection[str]
    exporte_le: date
    fermetures: Collection[date]

    @property
    def total_centimes(self) -> int:
        """What the file must pay in all, in cents."""
        return sum(paiement.montant_centimes for paiement in self.paiements.values())


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
    attendues = (_identite, _sommes, _comptes, _paiements, _doublons, _date)
    fautes = [faute for verification in attendues for faute in verification(document, attendu)]
    return (*fautes, *_textes(document), *_adresses(document))


@lru_cache
def _norme() -> etree.XMLSchema:
    """The official schema of the message (iso20022.org, catalogue of messages, Payments Initiation)."""
    return etree.XMLSchema(etree.parse(Path(__file__).with_name(f"{NORME}.xsd")))


def _textes_de(element: etree._Element, chemin: str) -> list[str]:
    return [trouve.text or "" for trouve in element.findall(chemin, ABREGE)]


def _virements(document: etree._Element) -> Iterator[tuple[str, str, int, str]]:
    """Give each transfer as read: reference, account, cents, currency."""
    for virement in document.iter(f"{{{ESPACE}}}CdtTrfTxInf"):
        (montant,) = (e for e in virement.iter(f"{{{ESPACE}}}InstdAmt", f"{{{ESPACE}}}EqvtAmt"))
        iban = (_textes_de(virement, "p:CdtrAcct/p:Id/p:IBAN") or [""])[0]
        reference = _textes_de(virement, "p:PmtId/p:EndToEndId")[0]
        yield reference, iban, _centimes(montant.text or ""), montant.get("Ccy", "")


def _centimes(texte: str) -> int:
    """Read an amount in cents; -1 for one that has a part of a cent."""
    centimes = Decimal(texte) * 100
    return int(centimes) if centimes == centimes.to_integral_value() else -1


def _identite(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    for chemin, nom in ((".//p:MsgId", "du message"), (".//p:PmtInfId", "du paiement")):
        lus = _textes_de(document, chemin)
        if lus != [attendu.identifiant]:
            yield f"L'identifiant {nom} est {', '.join(lus)}, {attendu.identifiant} est attendu."


def _sommes(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    lus = list(_virements(document))
    total = sum(centimes for _, _, centimes, _ in lus)
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
    for reference, iban, _, devise in _virements(document):
        if devise != "EUR":
            yield f"{reference} : la devise est {devise}, EUR est attendu."
        try:
            IBAN(iban, validate_bban=True)
        except (SchwiftyException, ValueError):
            yield f"{reference} : l'IBAN ne tient pas (clé de contrôle ou clé RIB)."


def _paiements(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    lus = {reference: (iban, centimes) for reference, iban, centimes, _ in _virements(document)}
    for reference in sorted(attendu.paiements.keys() - lus.keys()):
        yield f"{reference} : dans le lot, absent du fichier."
    for reference, (iban, centimes) in lus.items():
        prevu = attendu.paiements.get(reference)
        if prevu is None:
            yield f"{reference} : dans le fichier, absent du lot."
            continue
        if centimes != prevu.montant_centimes:
            attendus = formater_euros(prevu.montant_centimes)
            yield f"{reference} : {formater_euros(centimes)} dans le fichier, {attendus} dans le lot."
        if iban != prevu.iban:
            yield f"{reference} : le compte n'est pas celui que le lot a figé."


def _doublons(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    vues = Counter(reference for reference, *_ in _virements(document))
    for reference, fois in vues.items():
        if fois > 1:
            yield f"{reference} : {fois} fois dans le fichier."
        if reference in attendu.deja_payees:
            yield f"{reference} : déjà dans un fichier de virements antérieur."


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
    """Since 15 November 2026 an address is structured or hybrid: its town and country have their own fields."""
    for adresse in document.iter(f"{{{ESPACE}}}PstlAdr"):
        if not (_textes_de(adresse, "p:TwnNm") and _textes_de(adresse, "p:Ctry")):
            yield f"Ligne {adresse.sourceline} : une adresse sans ville ni pays dans leurs champs est refusée."
        if len(_textes_de(adresse, "p:AdrLine")) > LIGNES_LIBRES:
            yield f"Ligne {adresse.sourceline} : une adresse a deux lignes libres au plus."


def _date(document: etree._Element, attendu: OrdreAttendu) -> Iterator[str]:
    for texte in _textes_de(document, ".//p:ReqdExctnDt/p:Dt") or [""]:
        jour = date.fromisoformat(texte) if texte else date.min
        if jour <= attendu.exporte_le:
            yield f"La date d'exécution ({jour:%d/%m/%Y}) ne suit pas l'export."
        elif jour.weekday() >= SAMEDI or jour in attendu.fermetures:
            yield f"La date d'exécution ({jour:%d/%m/%Y}) n'est pas un jour où les banques échangent (T2)."

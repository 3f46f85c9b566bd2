"""Write an order of transfers as pain.001.001.09 (ISO 20022, EPC132-08): the same order always gives the same bytes."""

from datetime import UTC

from lxml import etree

from echanges.sepa.caracteres import en_sepa
from echanges.sepa.modele import Emetteur, OrdreDeVirement, Virement
from regles.adresse_postale import AdressePostale, FormeAdresse

ESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NOM_AU_PLUS, LIBELLE_AU_PLUS = 70, 140
RUE_AU_PLUS, NUMERO_AU_PLUS, CODE_AU_PLUS, VILLE_AU_PLUS = 70, 16, 16, 35


def ecrire(ordre: OrdreDeVirement) -> bytes:
    """Give the bytes of an order: one message, one payment block, one transfer a due."""
    document = etree.Element(f"{{{ESPACE}}}Document", nsmap={None: ESPACE})
    message = _sous(document, "CstmrCdtTrfInitn")
    _entete(_sous(message, "GrpHdr"), ordre)
    bloc = _sous(message, "PmtInf")
    _paiement(bloc, ordre)
    for virement in ordre.virements:
        _virement(_sous(bloc, "CdtTrfTxInf"), virement, ordre)
    octets: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return octets


def _sous(parent: etree._Element, nom: str, texte: str | None = None, **attributs: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ESPACE}}}{nom}", attributs)
    element.text = texte
    return element


def _dans(parent: etree._Element, chemin: str, texte: str) -> None:
    """Write a text at the end of a path of new elements."""
    *parents, feuille = chemin.split("/")
    for nom in parents:
        parent = _sous(parent, nom)
    _sous(parent, feuille, texte)


def _entete(entete: etree._Element, ordre: OrdreDeVirement) -> None:
    _sous(entete, "MsgId", ordre.identifiant)
    _sous(entete, "CreDtTm", f"{ordre.cree_le.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _sommes(entete, ordre)
    _dans(entete, "InitgPty/Nm", en_sepa(ordre.emetteur.nom, NOM_AU_PLUS))


def _sommes(parent: etree._Element, ordre: OrdreDeVirement) -> None:
    _sous(parent, "NbOfTxs", str(len(ordre.virements)))
    _sous(parent, "CtrlSum", _euros(ordre.total_centimes))


def _paiement(bloc: etree._Element, ordre: OrdreDeVirement) -> None:
    _sous(bloc, "PmtInfId", ordre.identifiant)
    _sous(bloc, "PmtMtd", "TRF")
    _sous(bloc, "BtchBookg", "true")
    _sommes(bloc, ordre)
    _dans(bloc, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _dans(bloc, "ReqdExctnDt/Dt", ordre.execution_le.isoformat())
    _dans(bloc, "Dbtr/Nm", en_sepa(ordre.emetteur.nom, NOM_AU_PLUS))
    _dans(bloc, "DbtrAcct/Id/IBAN", ordre.emetteur.iban)
    _banque(bloc, ordre.emetteur)
    _sous(bloc, "ChrgBr", "SLEV")


def _banque(bloc: etree._Element, emetteur: Emetteur) -> None:
    if emetteur.bic:
        _dans(bloc, "DbtrAgt/FinInstnId/BICFI", emetteur.bic)
    else:
        _dans(bloc, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")


def _virement(element: etree._Element, virement: Virement, ordre: OrdreDeVirement) -> None:
    _dans(element, "PmtId/EndToEndId", virement.identifiant)
    _sous(_sous(element, "Amt"), "InstdAmt", _euros(virement.montant_centimes), Ccy="EUR")
    creancier = _sous(element, "Cdtr")
    _sous(creancier, "Nm", en_sepa(virement.beneficiaire, NOM_AU_PLUS))
    if virement.adresse and ordre.adresse is not FormeAdresse.AUCUNE:
        _adresse(_sous(creancier, "PstlAdr"), virement.adresse, ordre.adresse)
    _dans(element, "CdtrAcct/Id/IBAN", virement.iban)
    if ordre.objet:
        _dans(element, "Purp/Cd", ordre.objet)
    _dans(element, "RmtInf/Ustrd", en_sepa(virement.libelle, LIBELLE_AU_PLUS))


def _adresse(element: etree._Element, adresse: AdressePostale, forme: FormeAdresse) -> None:
    """Write the parts in their fields; a hybrid address keeps its street, number included, in one free line."""
    if forme is FormeAdresse.STRUCTUREE:
        _sous(element, "StrtNm", en_sepa(adresse.rue, RUE_AU_PLUS))
        if adresse.numero:
            _sous(element, "BldgNb", en_sepa(adresse.numero, NUMERO_AU_PLUS))
    _sous(element, "PstCd", en_sepa(adresse.code_postal, CODE_AU_PLUS))
    _sous(element, "TwnNm", en_sepa(adresse.ville, VILLE_AU_PLUS))
    _sous(element, "Ctry", adresse.pays)
    if forme is FormeAdresse.HYBRIDE:
        _sous(element, "AdrLine", en_sepa(f"{adresse.numero} {adresse.rue}", RUE_AU_PLUS))


def _euros(centimes: int) -> str:
    return f"{centimes // 100}.{centimes % 100:02d}"

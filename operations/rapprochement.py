"""What the bank answers, line by line: paid, rejected and due again, or to be looked at by a person."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from echanges.sepa.modele import identifiant_du_lot, reference_bancaire
from echanges.sepa.resultats import Releve, Resultat, ResultatIllisible, Sort, lire_resultats
from modeles.base import transaction
from modeles.journal import inscrire, lignes_de, verrouiller
from modeles.requetes import contacts_actifs
from modeles.tables import Courriel, LigneLot, Lot, Structure, Versement
from modeles.transitions import Acte
from operations.contexte import ActeRefuse, Contexte
from operations.lettres_paiements import PAIEMENT
from operations.resultats import noter_resultat
from regles.etats import EtatCourriel, EtatLigne, EtatLot
from regles.monnaie import formater_euros

PARTIS = (EtatLot.EXPORTE, EtatLot.TRANSMIS, EtatLot.EXECUTE)
SANS_CODE = "NARR"  # ISO 20022: the reason is told in words only


@dataclass(slots=True)
class BilanRapprochement:
    """What a file of results says, once compared with what was sent. Amounts in cents.

    `payees` and `rejetees`: (reference, cents, code); `a_regarder`: sentences for a person, nothing is written of them.
    `attendues`: how many lines sent still wait for a result, once this file is taken. `ecrit`: false for a preview.
    """

    fichier: str
    sha256: str
    ecrit: bool
    payees: list[tuple[str, int, str]] = field(default_factory=list)
    rejetees: list[tuple[str, int, str]] = field(default_factory=list)
    deja: int = 0
    en_cours: int = 0
    a_regarder: list[str] = field(default_factory=list)
    attendues: int = 0
    courriels: int = 0

    @property
    def total_paye_centimes(self) -> int:
        """What the bank has paid according to this file, in cents."""
        return sum(centimes for _, centimes, _ in self.payees)


@dataclass(frozen=True, slots=True)
class _Envoi:
    """A transfer sent: its line, its due, its batch."""

    ligne: LigneLot
    versement: Versement
    lot: Lot


def rapprocher(
    contexte: Contexte, chemin: Path, par: str, jour: date | None = None, *, appliquer: bool = False
) -> BilanRapprochement:
    """Compare a file of results with what was sent; write what is sure only when `appliquer`.

    A transfer paid closes its line and tells the partner; one rejected makes its due payable again, in another batch.
    Whatever does not match (unknown, another amount, settled otherwise before) is told, never guessed. The same file
    again changes nothing.

    Raises:
        ActeRefuse: a person who may not release payments, or a file that cannot be read.
    """
    contexte.exiger_droit(par, "liberer")
    octets = chemin.read_bytes()
    try:
        releve = lire_resultats(octets, chemin.name)
    except ResultatIllisible as erreur:
        raise ActeRefuse(str(erreur)) from None
    instant = contexte.maintenant(jour)
    bilan = BilanRapprochement(chemin.name, hashlib.sha256(octets).hexdigest(), appliquer)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        envois = _envois(session)
        retenus = _comparer(releve, envois, bilan)
        bilan.attendues = sum(e.ligne.etat is EtatLigne.EN_ATTENTE for e in _uniques(envois)) - len(retenus)
        if appliquer and not lignes_de(session, "releve", bilan.sha256, "rapprocher"):
            _appliquer(session, retenus, Acte(instant, par, "rapprocher", f"relevé {bilan.sha256[:12]}"), bilan)
    if appliquer:
        _conserver(contexte, octets, chemin, bilan.sha256)
    return bilan


def _envois(session: Session) -> dict[str, list[_Envoi]]:
    """Give the transfers of exported batches by their reference, the last one sent first."""
    envois: dict[str, list[_Envoi]] = defaultdict(list)
    for ligne, versement, lot in session.exec(
        select(LigneLot, Versement, Lot)
        .where(
            LigneLot.versement_id == Versement.id,
            LigneLot.lot_id == Lot.id,
            LigneLot.montant_centimes > 0,
            LigneLot.etat != EtatLigne.SUSPENDUE,
            col(Lot.etat).in_(PARTIS),
        )
        .order_by(col(Lot.id).desc())
    ):
        envois[reference_bancaire(versement.reference)].append(_Envoi(ligne, versement, lot))
    return envois


def _uniques(envois: dict[str, list[_Envoi]]) -> Iterable[_Envoi]:
    return (envoi for tous in envois.values() for envoi in tous)


def _comparer(
    releve: Releve, envois: dict[str, list[_Envoi]], bilan: BilanRapprochement
) -> list[tuple[_Envoi, Resultat]]:
    """Match each result with a transfer that waits for one; say what does not."""
    resultats: Sequence[Resultat] = releve.resultats
    if releve.message_rejete:
        resultats = _tout_rejeter(releve, envois, bilan)
    retenus: dict[int, tuple[_Envoi, Resultat]] = {}
    for resultat in resultats:
        envoi = _trouver(releve, resultat, envois)
        if envoi is None:
            bilan.a_regarder.append(f"{resultat.ou} : « {resultat.reference} » n'est la référence d'aucun virement.")
        elif resultat.sort is Sort.EN_COURS:
            bilan.en_cours += 1
        elif (raison := _desaccord(envoi, resultat)) or envoi.ligne.id in retenus:
            bilan.a_regarder.append(f"{resultat.ou} : {resultat.reference}, {raison or 'deux fois dans le fichier'}.")
        elif envoi.ligne.etat is not EtatLigne.EN_ATTENTE:
            bilan.deja += 1
        else:
            retenus[envoi.ligne.id or 0] = (envoi, resultat)
            vers = bilan.payees if resultat.sort is Sort.PAYEE else bilan.rejetees
            vers.append((resultat.reference, envoi.ligne.montant_centimes, resultat.code))
    return list(retenus.values())


def _tout_rejeter(releve: Releve, envois: dict[str, list[_Envoi]], bilan: BilanRapprochement) -> list[Resultat]:
    """Give a rejection a transfer of the order that the bank refused as a whole."""
    siens = [e for e in _uniques(envois) if identifiant_du_lot(e.lot.numero) == releve.message]
    if not siens:
        bilan.a_regarder.append(f"La banque refuse l'ordre « {releve.message} », qui n'est celui d'aucun lot exporté.")
    return [
        Resultat(
            reference_bancaire(e.versement.reference), Sort.REJETEE, releve.message_rejete, "", None, None, "ordre"
        )
        for e in siens
    ]


def _trouver(releve: Releve, resultat: Resultat, envois: dict[str, list[_Envoi]]) -> _Envoi | None:
    """Give the transfer of a result: of the order it answers when it says so, else one that waits, else the last."""
    candidats = envois.get(resultat.reference, [])
    if releve.message:
        candidats = [e for e in candidats if identifiant_du_lot(e.lot.numero) == releve.message]
    en_attente = [e for e in candidats if e.ligne.etat is EtatLigne.EN_ATTENTE]
    return next(iter(en_attente or candidats), None)


def _desaccord(envoi: _Envoi, resultat: Resultat) -> str:
    """Say why a result cannot be taken as it is, "" when it can."""
    if envoi.lot.etat is EtatLot.EXPORTE:
        return f"lot {envoi.lot.numero} dont la transmission n'est pas notée (campagnes transmettre {envoi.lot.id})"
    envoye = envoi.ligne.montant_centimes
    if resultat.montant_centimes is not None and resultat.montant_centimes != envoye:
        return f"{formater_euros(resultat.montant_centimes)} selon la banque, {formater_euros(envoye)} envoyés"
    notes = {EtatLigne.PAYEE: Sort.PAYEE, EtatLigne.REJETEE: Sort.REJETEE}
    note = notes.get(envoi.ligne.etat)
    if note is Sort.PAYEE and resultat.sort is Sort.REJETEE:
        return "revenu après avoir été payé : à contre-passer par une personne"
    if note is Sort.REJETEE and resultat.sort is Sort.PAYEE:
        return "payé selon la banque, après avoir été noté rejeté : à voir avec elle avant tout nouveau versement"
    return ""


def _appliquer(
    session: Session, retenus: Sequence[tuple[_Envoi, Resultat]], acte: Acte, bilan: BilanRapprochement
) -> None:
    payes: dict[str, list[tuple[_Envoi, Resultat]]] = defaultdict(list)
    for envoi, resultat in retenus:
        etat = EtatLigne.PAYEE if resultat.sort is Sort.PAYEE else EtatLigne.REJETEE
        noter_resultat(
            session, envoi.ligne, etat, resultat.code or SANS_CODE if etat is EtatLigne.REJETEE else "", acte
        )
        if etat is EtatLigne.PAYEE:
            payes[envoi.lot.numero].append((envoi, resultat))
    for lot, siens in payes.items():
        bilan.courriels += _annoncer(session, lot, siens, bilan.sha256, acte.le)
    details = {
        "fichier": bilan.fichier,
        "payees": len(bilan.payees),
        "rejetees": len(bilan.rejetees),
        "a_regarder": len(bilan.a_regarder),
        "total_paye_centimes": bilan.total_paye_centimes,
    }
    inscrire(session, le=acte.le, par=acte.par, objet="releve", objet_id=bilan.sha256, action="rapprocher",
             details=details)  # fmt: skip


def _annoncer(
    session: Session, lot: str, payes: Sequence[tuple[_Envoi, Resultat]], sha256: str, instant: datetime
) -> int:
    """Decide the notices of what a file says is paid: one mail a person and a batch."""
    personnes: dict[str, tuple[int, list[tuple[Versement, Structure, Resultat]]]] = {}
    for envoi, resultat in payes:
        structure = session.get_one(Structure, envoi.versement.structure_id)
        for contact in contacts_actifs(session, structure.partenaire_id):
            siens = personnes.setdefault(contact.courriel.casefold(), (contact.id or 0, []))[1]
            siens.append((envoi.versement, structure, resultat))
    for contact_id, siens in personnes.values():
        jours = {resultat.le for _, _, resultat in siens}
        jour = jours.pop() if len(jours) == 1 else None
        session.add(
            Courriel(
                cle=f"{PAIEMENT}:{lot}:{sha256[:12]}:{contact_id}",
                genre=PAIEMENT,
                etape=payes[0][0].lot.etape,
                contact_id=contact_id,
                structures=sorted({structure.code for _, structure, _ in siens}),
                contexte={
                    "lot": lot,
                    "le": jour.isoformat() if jour else "",
                    "references": sorted({versement.reference for versement, _, _ in siens}),
                },
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
    return len(personnes)


def _conserver(contexte: Contexte, octets: bytes, chemin: Path, sha256: str) -> None:
    """Keep the bytes of a file of results under its fingerprint."""
    dossier = contexte.reglages.var / "retours"
    dossier.mkdir(parents=True, exist_ok=True)
    garde = dossier / f"{sha256}{chemin.suffix.lower()}"
    provisoire = garde.with_suffix(".tmp")
    provisoire.write_bytes(octets)
    provisoire.replace(garde)

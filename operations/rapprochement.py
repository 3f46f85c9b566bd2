"""What the bank answers, line by line: paid, rejected and due again, or to be looked at by a person."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
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
from operations.codes import exiger_code
from operations.contexte import ActeRefuse, Contexte, dire_l_obstacle
from operations.lettres_paiements import PAIEMENT
from operations.resultats import noter_resultat
from regles.etats import EtatCourriel, EtatLigne, EtatLot
from regles.monnaie import formater_euros

CONTREDIT = "admis par la banque dans un ordre qu'elle refuse en entier : voyez avec elle"
PARTIS = (EtatLot.EXPORTE, EtatLot.TRANSMIS, EtatLot.EXECUTE)


@dataclass(slots=True)
class BilanRapprochement:
    """What a file of results says, once compared with what was sent. Amounts in cents.

    `payees` and `rejetees`: (reference of the due, cents, reason); `a_regarder`: sentences for a person, of which
    nothing is written. `autres_credits`: money that came in for something else. `attendues`: lines sent that still wait
    for a result, once this file is taken. `ecrit`: not a preview.
    """

    fichier: str
    sha256: str
    ecrit: bool
    payees: list[tuple[str, int, str]] = field(default_factory=list)
    rejetees: list[tuple[str, int, str]] = field(default_factory=list)
    deja: int = 0
    en_cours: int = 0
    autres_credits: int = 0
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

    @property
    def identifiant(self) -> str:
        """What the bank calls it; before transfers had an identifier of their own, the reference of its due."""
        return self.ligne.bout_en_bout or reference_bancaire(self.versement.reference)


@dataclass(slots=True)
class _Envois:
    """The transfers of exported batches: all, the last one sent first, and by the reference of their due."""

    tous: list[_Envoi] = field(default_factory=list)
    par_identifiant: dict[str, _Envoi] = field(default_factory=dict)
    par_du: dict[str, list[_Envoi]] = field(default_factory=lambda: defaultdict(list))

    def ajouter(self, envoi: _Envoi) -> None:
        self.tous.append(envoi)
        self.par_du[reference_bancaire(envoi.versement.reference)].append(envoi)
        if envoi.ligne.bout_en_bout:
            self.par_identifiant[envoi.ligne.bout_en_bout] = envoi


def rapprocher(
    contexte: Contexte, chemin: Path, par: str, jour: date | None = None, *, appliquer: bool = False, code: str = ""
) -> BilanRapprochement:
    """Compare a file of results with what was sent; write what is sure only when `appliquer`.

    A transfer paid closes its line and tells the partner; one rejected makes its due payable again, in another batch.
    Whatever does not match (unknown, another amount, settled otherwise before) is told, never guessed. The same file
    again writes only what it could not the time before (a batch whose hand-over was not noted yet), or nothing.

    Raises:
        ActeRefuse: a person who may not release payments, a wrong personal code, or a file that cannot be read.
    """
    contexte.exiger_droit(par, "liberer")
    try:
        octets = chemin.read_bytes()
        releve = lire_resultats(octets, chemin.name)
    except OSError as erreur:
        raise ActeRefuse(f"Le fichier « {chemin} » ne se lit pas ({dire_l_obstacle(erreur)}).") from None
    except ResultatIllisible as erreur:
        raise ActeRefuse(str(erreur)) from None
    if appliquer:
        exiger_code(contexte, par, code)
    instant = contexte.maintenant(jour)
    bilan = BilanRapprochement(chemin.name, hashlib.sha256(octets).hexdigest(), appliquer)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        envois = _envois(session)
        retenus = _comparer(releve, envois, bilan)
        bilan.attendues = sum(e.ligne.etat is EtatLigne.EN_ATTENTE for e in envois.tous) - len(retenus)
        if appliquer and (retenus or not lignes_de(session, "releve", bilan.sha256, "rapprocher")):
            _appliquer(session, retenus, Acte(instant, par, "rapprocher", f"relevé {bilan.sha256[:12]}"), bilan)
    if appliquer:
        _conserver(contexte, octets, chemin, bilan.sha256)
    return bilan


def _envois(session: Session) -> _Envois:
    envois = _Envois()
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
        envois.ajouter(_Envoi(ligne, versement, lot))
    return envois


def _comparer(releve: Releve, envois: _Envois, bilan: BilanRapprochement) -> list[tuple[_Envoi, Resultat]]:
    """Match each result with a transfer that waits for one; say what does not."""
    trouves = [(r, _trouver(releve, r, envois)) for r in _lire_l_ordre(releve, envois, bilan)]
    dits = _ce_qui_en_est_dit(trouves)
    retenus: dict[int, tuple[_Envoi, Resultat]] = {}
    for resultat, envoi in trouves:
        if isinstance(envoi, str):
            if resultat.sort is Sort.CREDIT:
                bilan.autres_credits += 1
            else:
                bilan.a_regarder.append(f"{resultat.ou} : {envoi}.")
        elif resultat.sort is Sort.EN_COURS:
            bilan.en_cours += 1
        elif raison := _desaccord(envoi, resultat, dits[envoi.ligne.id or 0]):
            bilan.a_regarder.append(f"{resultat.ou} : {_nommer(resultat, envoi)}, {raison}.")
        elif envoi.ligne.id in retenus:
            bilan.a_regarder.append(f"{resultat.ou} : {_nommer(resultat, envoi)}, deux fois dans le fichier.")
        elif envoi.ligne.etat is not EtatLigne.EN_ATTENTE:
            bilan.deja += 1
        else:
            retenus[envoi.ligne.id or 0] = (envoi, resultat)
            vers = bilan.payees if resultat.sort is Sort.PAYEE else bilan.rejetees
            vers.append((envoi.versement.reference, envoi.ligne.montant_centimes, resultat.raison))
    return list(retenus.values())


def _ce_qui_en_est_dit(trouves: Sequence[tuple[Resultat, _Envoi | str]]) -> dict[int, set[Sort]]:
    """Give all that a file says of each line, whatever the order it says it in; that it is under way aside."""
    dits: dict[int, set[Sort]] = defaultdict(set)
    for resultat, envoi in trouves:
        if isinstance(envoi, _Envoi) and resultat.sort is not Sort.EN_COURS:
            dits[envoi.ligne.id or 0].add(resultat.sort)
    return dits


def _nommer(resultat: Resultat, envoi: _Envoi) -> str:
    """Name a transfer as the file does, and by its due when the file does not."""
    du = envoi.versement.reference
    return du if resultat.reference in {du, reference_bancaire(du)} else f"{resultat.reference} ({du})"


def _lire_l_ordre(releve: Releve, envois: _Envois, bilan: BilanRapprochement) -> Sequence[Resultat]:
    """Give what a file says of each transfer: what it names, or all those of an order that the bank refused whole.

    Of an order that is to be looked at as a whole, nothing is taken.
    """
    ordre = releve.ordre
    if ordre is None:
        return releve.resultats
    siens = [e for e in envois.tous if identifiant_du_lot(e.lot.numero) == releve.message]
    if not siens:
        bilan.a_regarder.append(f"{ordre.ou} : l'ordre « {releve.message} » n'est celui d'aucun lot exporté.")
        return releve.resultats
    qui = f"{ordre.ou} : l'ordre du lot {siens[0].lot.numero}"
    if ordre.sort is Sort.A_REGARDER:
        bilan.a_regarder.append(f"{qui} est {ordre.motif}. Rien n'est écrit pour ses {len(siens)} virement(s).")
        return ()
    if ordre.sort is Sort.EN_COURS:
        bilan.en_cours += len(siens)
        return ()
    if not releve.resultats:
        return [replace(ordre, reference=e.identifiant) for e in siens]
    nommes = {resultat.reference for resultat in releve.resultats}
    if tus := [e.identifiant for e in siens if e.identifiant not in nommes]:
        bilan.a_regarder.append(
            f"{qui} est refusé en entier ({ordre.raison}), mais {len(tus)} de ses {len(siens)} virements n'y sont pas "
            "nommés : demandez à la banque ce qu'ils deviennent."
        )
    refuses = {Sort.REJETEE, Sort.A_REGARDER}
    return [r if r.sort in refuses else replace(r, sort=Sort.A_REGARDER, motif=CONTREDIT) for r in releve.resultats]


def _trouver(releve: Releve, resultat: Resultat, envois: _Envois) -> _Envoi | str:
    """Give the transfer of a result, by its own identifier first, of the order it answers when it says so.

    The reference of a due names what was sent before transfers had an identifier: of these, one that waits, else the
    last. A table typed by a person may also give it for a due sent once. When none is found, or several that nothing
    tells apart, gives a French sentence.
    """
    if not resultat.reference and resultat.sort is Sort.A_REGARDER:
        return resultat.motif
    propre = envois.par_identifiant.get(resultat.reference)
    candidats = [propre] if propre else envois.par_du.get(reference_bancaire(resultat.reference), [])
    if releve.message:
        candidats = [e for e in candidats if identifiant_du_lot(e.lot.numero) == releve.message]
    if propre or (releve.genre == "csv" and len(candidats) == 1):
        return next(iter(candidats), _inconnu(resultat))
    if releve.genre == "csv" and any(e.ligne.bout_en_bout for e in candidats):
        return _lequel(resultat.reference, candidats)
    anciens = [e for e in candidats if not e.ligne.bout_en_bout]
    en_attente = [e for e in anciens if e.ligne.etat is EtatLigne.EN_ATTENTE]
    return next(iter(en_attente or anciens), _inconnu(resultat))


def _inconnu(resultat: Resultat) -> str:
    return f"« {resultat.reference} » n'est la référence d'aucun virement"


def _lequel(reference: str, candidats: Sequence[_Envoi]) -> str:
    dits = {EtatLigne.PAYEE: "payé", EtatLigne.REJETEE: "rejeté"}
    envoyes = " ; ".join(
        f"{e.identifiant} (lot {e.lot.numero}, {dits.get(e.ligne.etat, 'sans résultat')})" for e in reversed(candidats)
    )
    return (
        f"« {reference} » a été envoyé {len(candidats)} fois : {envoyes}. Écrivez à la place l'identifiant du virement "
        "que la banque nomme"
    )


def _desaccord(envoi: _Envoi, resultat: Resultat, dits: Set[Sort]) -> str:
    """Say why a result cannot be taken as it is, "" when it can; `dits` is all that its file says of the transfer."""
    if resultat.sort in {Sort.A_REGARDER, Sort.CREDIT}:
        return resultat.motif
    if envoi.lot.etat is EtatLot.EXPORTE:
        return f"lot {envoi.lot.numero} dont la transmission n'est pas notée (campagnes transmettre {envoi.lot.id})"
    envoye = envoi.ligne.montant_centimes
    if resultat.montant_centimes is not None and resultat.montant_centimes != envoye:
        return f"{formater_euros(resultat.montant_centimes)} selon la banque, {formater_euros(envoye)} envoyés"
    if envoi.ligne.etat is EtatLigne.EN_ATTENTE and len(dits) > 1:
        dit = "payé" if resultat.sort is Sort.PAYEE else f"rejeté ou revenu ({resultat.raison})"
        return f"{dit}, et autre chose ailleurs dans le fichier : écrivez dans un CSV ce qu'il est vraiment devenu"
    notes = {EtatLigne.PAYEE: Sort.PAYEE, EtatLigne.REJETEE: Sort.REJETEE}
    note = notes.get(envoi.ligne.etat)
    if note is Sort.PAYEE and resultat.sort is Sort.REJETEE:
        return "revenu après avoir été payé : à contre-passer par une personne"
    if note is Sort.REJETEE and resultat.sort is Sort.PAYEE and Sort.REJETEE not in dits:
        return "payé selon la banque, après avoir été noté rejeté : à voir avec elle avant tout nouveau versement"
    return ""


def _appliquer(
    session: Session, retenus: Sequence[tuple[_Envoi, Resultat]], acte: Acte, bilan: BilanRapprochement
) -> None:
    payes: dict[str, list[tuple[_Envoi, Resultat]]] = defaultdict(list)
    for envoi, resultat in retenus:
        etat = EtatLigne.PAYEE if resultat.sort is Sort.PAYEE else EtatLigne.REJETEE
        motif = f"{acte.motif} : {resultat.motif}" if resultat.motif else acte.motif
        noter_resultat(session, envoi.ligne, etat, resultat.code, replace(acte, motif=motif))
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

"""On the day a payment may start: who may be paid, who may not, and why. Nothing is written, nobody is written to."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from modeles.requetes import structures_attendues
from modeles.requetes_argent import declarations_de_l_exercice, dernier_droit
from modeles.tables import Declaration, Partenaire, Structure
from operations.attendus import est_active
from operations.configuration import calendriers, prestations_collectees
from operations.contexte import Contexte
from operations.dus import AReglement, prevoir
from operations.paiements import base_du_droit
from regles.calendrier import Etape, NatureEtape
from regles.etats import EtatDeclaration, NatureVersement

NON_RECU = "prévisionnel non reçu"
A_VALIDER = "prévisionnel reçu, à valider"
SANS_DROIT = "prévisionnel validé, droit à calculer"
RIEN_A_PAYER = "déjà réglé, ou rien à payer"


@dataclass(frozen=True, slots=True)
class Acomptes:
    """Who is ready for a payment, by code, and who is not, by reason."""

    pretes: tuple[str, ...]
    pas_pretes: dict[str, list[str]]

    @property
    def phrase(self) -> str:
        """« 24 structure(s) prête(s) (…). 5 pas encore : prévisionnel non reçu (S1, S2)… »."""
        phrase = "aucune structure prête."
        if self.pretes:
            phrase = f"{len(self.pretes)} structure(s) prête(s) ({', '.join(self.pretes)})."
        if self.pas_pretes:
            nombre = sum(map(len, self.pas_pretes.values()))
            raisons = " ; ".join(f"{motif.rstrip('.')} ({', '.join(c)})" for motif, c in self.pas_pretes.items())
            phrase += f" {nombre} pas encore : {raisons}."
        return phrase


def preparation(contexte: Contexte, session: Session, reglee: Etape, jour: date) -> Acomptes:
    """Say of each structure whose forecast is collected here whether an acompte of the exercice may be paid."""
    exercice = reglee.exercice or 0
    prestations = {
        p
        for c in calendriers(contexte)
        for e in c.etapes
        if e.nature is NatureEtape.PREVISIONNEL and e.exercice == exercice
        for p in prestations_collectees(contexte, e)
    }
    recues = declarations_de_l_exercice(session, exercice, [EtatDeclaration.RECUE, EtatDeclaration.VALIDEE])
    par_structure = {d.structure_id: d for d, _, _ in recues if d.nature == NatureEtape.PREVISIONNEL}
    pretes, pas_pretes = [], dict[str, list[str]]()
    for structure, partenaire in structures_attendues(session, sorted(prestations)):
        declaration = par_structure.get(structure.id or 0)
        if declaration is None and not est_active(structure, reglee):
            continue
        motif = _motif(contexte, session, reglee, declaration, structure, partenaire, jour)
        if motif:
            pas_pretes.setdefault(motif, []).append(structure.code)
        else:
            pretes.append(structure.code)
    return Acomptes(tuple(pretes), pas_pretes)


def _motif(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    declaration: Declaration | None,
    structure: Structure,
    partenaire: Partenaire,
    jour: date,
) -> str:
    """Say why a structure is not ready; "" when it is."""
    if declaration is None:
        return NON_RECU
    if declaration.etat is not EtatDeclaration.VALIDEE:
        return A_VALIDER
    droit = dernier_droit(session, declaration.id or 0)
    if droit is None:
        return SANS_DROIT
    if base_du_droit(session, structure.id or 0, declaration.exercice) is not declaration:
        return RIEN_A_PAYER
    reglement = AReglement(declaration, structure, partenaire, droit, reglee.id, NatureVersement.ACOMPTE)
    prevue = prevoir(contexte, session, reglement, jour)
    if prevue.motifs:
        return " ".join(prevue.motifs)
    return "" if prevue.suite.montant_centimes > 0 else RIEN_A_PAYER

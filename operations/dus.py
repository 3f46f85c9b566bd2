"""From rights to dues: acomptes on what is expected, soldes and indus on what is real."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes_argent import (
    declarations_de_l_etape,
    declarations_de_l_exercice,
    dernier_droit,
    ouverts_de_l_etape,
    recouvre,
    versements_de_la_structure,
)
from modeles.tables import Declaration, Droit, Partenaire, Structure, Versement
from modeles.transitions import Acte, consigner, passer
from operations.calcul import expliquer
from operations.commission.engagements import echeance
from operations.configuration import bareme, etape
from operations.contexte import ActeRefuse, Contexte
from operations.paiements import (
    RefusDePaiement,
    base_du_droit,
    defauts_de_paiement,
    defauts_du_droit,
    droits_actuels,
)
from operations.suspensions import reporter_les_suspensions
from regles.calendrier import Etape, NatureEtape
from regles.cibles import calculer_cible
from regles.commission import SUBVENTION
from regles.dates import en_chiffres
from regles.etats import EtatDeclaration, EtatVersement, NatureVersement
from regles.monnaie import Centimes
from regles.trace import Droit as DroitCalcule
from regles.versements import Ecriture, Regularisation, regulariser

PAR = "calcul"
PAYANTES = frozenset({NatureEtape.REEL, NatureEtape.ACTUALISATION, NatureEtape.VERSEMENT, NatureEtape.COMMISSION})
AUCUNE = Regularisation(NatureVersement.SOLDE, Centimes(0), remplace_les_ouverts=False)


@dataclass(slots=True)
class BilanDus:
    """Dues and indus written by this run, by nature (count, cents), and the rights that may not be paid."""

    ecrits: dict[NatureVersement, tuple[int, int]] = field(default_factory=dict)
    refus: tuple[RefusDePaiement, ...] = ()

    def compter(self, nature: NatureVersement, centimes: int) -> None:
        """Count one more."""
        nombre, total = self.ecrits.get(nature, (0, 0))
        self.ecrits[nature] = (nombre + 1, total + centimes)

    def nombre(self, nature: NatureVersement) -> int:
        """How many of a nature were written."""
        return self.ecrits.get(nature, (0, 0))[0]

    def total_centimes(self, nature: NatureVersement) -> int:
        """How much of a nature was written, in cents."""
        return self.ecrits.get(nature, (0, 0))[1]


@dataclass(frozen=True, slots=True)
class AReglement:
    """A right to settle under a step: `nature` is what a payment of it is called."""

    declaration: Declaration
    structure: Structure
    partenaire: Partenaire
    droit: Droit
    etape: str
    nature: NatureVersement


def preparer_dus(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanDus:
    """Write what a step makes due: acomptes of a payment or of an update, soldes and indus of a réel.

    Each due rests on the last right of the structure, and is written only under a convention and a confirmed account;
    run again, it writes nothing that is already written.

    Raises:
        ActeRefuse: unknown step, a step that makes nothing due, or a payment whose day has not come.
    """
    instant = contexte.maintenant(jour)
    reglee = _etape_payante(contexte, identifiant, instant.date())
    bilan, refus = BilanDus(), []
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        _annuler_les_depasses(contexte, session, identifiant, instant)
        for declaration, structure, partenaire in _declarations(session, reglee):
            droit = dernier_droit(session, declaration.id or 0)
            if droit is None:
                continue
            nature = _nature(contexte, session, declaration, instant.date())
            reglement = AReglement(declaration, structure, partenaire, droit, identifiant, nature)
            motifs, ecrit = regler(contexte, session, reglement, instant)
            if motifs:
                refus.append(RefusDePaiement(structure.code, structure.nom, motifs))
            elif ecrit is not None:
                bilan.compter(ecrit.nature, ecrit.montant_centimes)
    bilan.refus = tuple(refus)
    return bilan


def _nature(contexte: Contexte, session: Session, declaration: Declaration, jour: date) -> NatureVersement:
    if declaration.nature == SUBVENTION:
        return echeance(contexte, session, declaration, jour).nature
    return NatureVersement.SOLDE if declaration.nature == NatureEtape.REEL else NatureVersement.ACOMPTE


def _etape_payante(contexte: Contexte, identifiant: str, jour: date) -> Etape:
    reglee = etape(contexte, identifiant)
    if reglee.nature not in PAYANTES:
        raise ActeRefuse(
            f"L'étape « {identifiant} » ne donne lieu à aucun paiement : l'acompte d'un prévisionnel se prépare sous "
            "l'étape de versement de son exercice."
        )
    if reglee.a_partir_du is not None and jour < reglee.a_partir_du:
        raise ActeRefuse(f"« {reglee.libelle} » : rien ne se paie avant le {en_chiffres(reglee.a_partir_du)}.")
    return reglee


def _declarations(session: Session, reglee: Etape) -> list[tuple[Declaration, Structure, Partenaire]]:
    """Give the validated declarations a step settles: those that the payments of the exercice now rest on."""
    if reglee.nature is NatureEtape.VERSEMENT:
        validees = declarations_de_l_exercice(session, reglee.exercice or 0, [EtatDeclaration.VALIDEE])
        candidates = [c for c in validees if c[0].nature == NatureEtape.PREVISIONNEL]
    else:
        candidates = list(declarations_de_l_etape(session, reglee.id, EtatDeclaration.VALIDEE))
    return [c for c in candidates if base_du_droit(session, c[1].id or 0, c[0].exercice) is c[0]]


def _annuler_les_depasses(contexte: Contexte, session: Session, identifiant: str, instant: datetime) -> None:
    acte = Acte(instant, PAR, "passer", "droit remplacé ou non payable")
    ouverts = ouverts_de_l_etape(session, identifiant)
    actuels = droits_actuels(contexte, session, [droit for _, droit, _ in ouverts])
    for versement, droit, _ in ouverts:
        if droit.id not in actuels:
            passer(session, versement, EtatVersement.ANNULE, acte)


@dataclass(frozen=True, slots=True)
class Prevision:
    """What a right still makes due, before anything is written; amounts in cents.

    `motifs` say why nothing may be paid. `connus` are the entries of the structure, cancelled ones included, and
    `ecritures` how each of them counts. `calcul` is the trace from the right to the target.
    """

    motifs: tuple[str, ...]
    cible_centimes: int = 0
    suite: Regularisation = AUCUNE
    connus: tuple[Versement, ...] = ()
    ecritures: tuple[Ecriture, ...] = ()
    calcul: Mapping[str, Any] = field(default_factory=dict)


def prevoir(contexte: Contexte, session: Session, reglement: AReglement, jour: date) -> Prevision:
    """Say what a right still makes due, without writing; the right itself may not be written yet."""
    droit, structure, declaration = reglement.droit, reglement.structure, reglement.declaration
    defauts = defauts_du_droit(contexte, droit)
    if defauts:
        return Prevision(defauts)
    cible, defauts = _cible(contexte, session, declaration, droit, jour)
    if cible is None:
        return Prevision(defauts)
    calcul = expliquer(cible, connu_le=jour)
    if cible.droit_centimes is None or not cible.est_payable(demonstration=contexte.reglages.demonstration):
        return Prevision(tuple(calcul["motifs"]))
    connus = tuple(versements_de_la_structure(session, structure.id or 0, declaration.exercice))
    ecritures = tuple(_ecriture(session, v, droit) for v in connus)
    definitif = declaration.nature == NatureEtape.REEL
    suite = regulariser(cible.droit_centimes, ecritures, reglement.nature, definitif=definitif)
    if suite.montant_centimes and suite.nature is not NatureVersement.INDU:
        defauts = defauts_de_paiement(session, structure, reglement.partenaire, declaration.exercice, jour)
    return Prevision(defauts, cible.droit_centimes, suite, connus, ecritures, calcul)


def _cible(
    contexte: Contexte, session: Session, declaration: Declaration, droit: Droit, jour: date
) -> tuple[DroitCalcule | None, tuple[str, ...]]:
    """Give what must have been paid in all, or why a grant may not be paid yet: its envelope, its terms."""
    if declaration.nature == SUBVENTION:
        attendue = echeance(contexte, session, declaration, jour)
        return attendue.cible, attendue.motifs
    cible = calculer_cible(
        declaration.prestation, declaration.nature, declaration.exercice, droit.montant_centimes or 0,
        bareme(contexte), jour,
    )  # fmt: skip
    return cible, ()


def regler(
    contexte: Contexte, session: Session, reglement: AReglement, instant: datetime
) -> tuple[tuple[str, ...], Versement | None]:
    """Write what a right still makes due: (why it may not be paid, the entry written if any)."""
    prevue = prevoir(contexte, session, reglement, instant.date())
    if prevue.motifs:
        return prevue.motifs, None
    if prevue.suite.remplace_les_ouverts:
        acte = Acte(instant, PAR, "passer", "droit recalculé")
        for versement, ecriture in zip(prevue.connus, prevue.ecritures, strict=True):
            if ecriture.est_ouverte:
                passer(session, versement, EtatVersement.ANNULE, acte)
    return (), _ecrire(session, reglement, prevue, instant) if prevue.suite.montant_centimes else None


def _ecriture(session: Session, versement: Versement, droit: Droit) -> Ecriture:
    est_indu = versement.nature is NatureVersement.INDU
    return Ecriture(
        versement.nature,
        versement.etat,
        versement.montant_centimes,
        est_a_jour=versement.droit_id == droit.id,
        est_entamee=est_indu and (versement.contrepasse_id is not None or recouvre(session, versement.id or 0) > 0),
    )


def _ecrire(session: Session, reglement: AReglement, prevue: Prevision, instant: datetime) -> Versement:
    declaration, structure, droit = reglement.declaration, reglement.structure, reglement.droit
    suite, connus = prevue.suite, prevue.connus
    indu = suite.nature is NatureVersement.INDU
    rang = len(connus) + 1
    versement = Versement(
        structure_id=structure.id or 0,
        prestation=declaration.prestation,
        exercice=declaration.exercice,
        nature=suite.nature,
        montant_centimes=suite.montant_centimes,
        droit_id=droit.id,
        rang=1 + sum(v.droit_id == droit.id for v in connus),
        etape=reglement.etape,
        etat=EtatVersement.A_RECOUVRER if indu else EtatVersement.DU,
        reference=f"{declaration.exercice}-{declaration.prestation}-{structure.code}-{rang:02d}",
        calcul=dict(prevue.calcul),
        cree_le=instant,
    )
    session.add(versement)
    session.flush()
    details = {"nature": suite.nature, "montant_centimes": suite.montant_centimes, "droit": droit.id}
    acte = Acte(instant, PAR, "devoir")
    consigner(session, versement, acte, details)
    if not indu:
        reporter_les_suspensions(session, versement, acte)
    return versement

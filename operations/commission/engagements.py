"""From an accord to a right that the payment cycle can pay: a funded project is a structure under its convention.

The project becomes a `Structure` of the prestation FONDS_LOCAUX, whose code is the reference of the request, with a
convention, a validated declaration and a right of the amount accorded. Dues, batches, signatures, IBAN and exports are
then those of every other right: nothing is paid around them.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select
from stdnum.fr import siret as siret_francais

from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes import structure_par_code
from modeles.requetes_commission import accorde, en_vigueur
from modeles.tables import Convention, Decision, Declaration, Demande, Droit, Partenaire, Piece, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from modeles.transitions import Acte, consigner
from operations.calcul import expliquer
from operations.commission.socle import demande_ou_refus, enveloppe, partenaire_de, seance, structures_de
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte
from operations.droits import enregistrer_droit
from regles.calendrier import PARIS
from regles.commission import BILAN_DU_PROJET, FONDS_LOCAUX, SUBVENTION, cible
from regles.dates import en_chiffres, en_toutes_lettres
from regles.etats import EtatDeclaration, EtatDemande, EtatPiece, NatureVersement, SensDecision
from regles.monnaie import en_euros, exact, formater_euros, formater_nombre
from regles.trace import Calcul
from regles.trace import Droit as DroitCalcule
from schemas.configuration.referentiel import Commune, charger_communes

RIEN_RETENU = "0"  # indus of the prestations are not withheld on a grant: our reading, docs/guide.md


@dataclass(frozen=True, slots=True)
class ConventionPosee:
    """The convention of a funded project, as a person records it; `siret` and `commune` when no structure tells."""

    numero: str
    du: date
    au: date
    siret: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True)
class BilanConvention:
    """A project under convention, or found as it was."""

    structure: str
    montant_centimes: int
    nouvelle: bool
    message: str


@dataclass(frozen=True, slots=True)
class Echeance:
    """What must have been paid of a grant by now. `motifs`: why nothing may be paid yet."""

    nature: NatureVersement
    cible: DroitCalcule | None
    motifs: tuple[str, ...]


@lru_cache
def _communes(config: Path) -> dict[str, Commune]:
    return charger_communes(config)


def conventionner(
    contexte: Contexte, reference: str, posee: ConventionPosee, par: str, jour: date | None = None
) -> BilanConvention:
    """Record the convention of an accorded request: it can be paid from then on. The same one again is nothing.

    Raises:
        ActeRefuse: a person who may not validate, a request not accorded, dates that do not hold, another convention
            already recorded, or a place and SIRET that nothing tells.
    """
    contexte.exiger_droit(par, "valider")
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        demande = demande_ou_refus(session, reference)
        if demande.etat is not EtatDemande.ACCORDEE:
            raise ActeRefuse(f"{reference} est {demande.etat} : seule une demande accordée reçoit une convention.")
        decision = _accord(session, demande)
        montant = decision.montant_centimes or 0
        connue = structure_par_code(session, reference)
        if connue is not None:
            _exiger_la_meme(session, connue, posee)
            return BilanConvention(reference, montant, False, f"{reference} : convention déjà enregistrée.")
        _exiger_des_dates(demande, posee)
        structure = _structure(contexte, session, demande, posee, instant, par)
        declaration = _declaration(session, demande, decision, structure, instant, par)
        droit = _droit(contexte, demande, decision, declaration, instant)
        enregistrer_droit(session, droit, structure)
    message = (
        f"{reference} : convention {posee.numero} enregistrée, du {en_chiffres(posee.du)} au {en_chiffres(posee.au)}. "
        f"{formater_euros(montant)} à payer par un lot : campagnes proposer {decision.commission}."
    )
    return BilanConvention(reference, montant, True, message)


def _accord(session: Session, demande: Demande) -> Decision:
    return session.exec(
        select(Decision).where(Decision.demande_id == demande.id, Decision.sens == SensDecision.ACCORD, en_vigueur())
    ).one()


def _exiger_la_meme(session: Session, structure: Structure, posee: ConventionPosee) -> None:
    convention = session.exec(select(Convention).where(Convention.structure_id == structure.id)).one()
    if (convention.numero, convention.du, convention.au) != (posee.numero, posee.du, posee.au):
        raise ActeRefuse(
            f"{structure.code} a déjà la convention {convention.numero}, du {en_chiffres(convention.du)} au "
            f"{en_chiffres(convention.au)}."
        )


def _exiger_des_dates(demande: Demande, posee: ConventionPosee) -> None:
    if not posee.numero.strip():
        raise ActeRefuse("Une convention a un numéro.")
    if posee.du > posee.au:
        raise ActeRefuse(f"La convention finit ({en_chiffres(posee.au)}) avant de commencer ({en_chiffres(posee.du)}).")
    if not posee.du.year <= demande.exercice <= posee.au.year:
        raise ActeRefuse(f"La convention ne couvre aucun jour de l'exercice {demande.exercice}, celui de la demande.")


def _structure(
    contexte: Contexte, session: Session, demande: Demande, posee: ConventionPosee, instant: datetime, par: str
) -> Structure:
    partenaire = partenaire_de(session, demande)
    structure = Structure(
        code=demande.reference,
        nom=demande.objet[:200],
        partenaire_id=partenaire.id or 0,
        prestation=FONDS_LOCAUX,
        **_lieu(contexte, session, demande, partenaire, posee),
        ouverte_le=posee.du,
        fermee_le=posee.au,
        statut_gestionnaire=(
            StatutGestionnaire.PRIVE if partenaire.nature is NaturePartenaire.ASSOCIATION else StatutGestionnaire.PUBLIC
        ),
        taux_regime_general="1",
    )
    session.add(structure)
    session.flush()
    session.add(
        Convention(
            structure_id=structure.id or 0,
            prestation=FONDS_LOCAUX,
            numero=posee.numero.strip(),
            du=posee.du,
            au=posee.au,
            retenue_maximale=RIEN_RETENU,
        )
    )
    details = {"numero": posee.numero, "du": posee.du.isoformat(), "au": posee.au.isoformat()}
    inscrire(
        session, le=instant, par=par, objet="demande", objet_id=demande.reference, action="conventionner",
        details=details,
    )  # fmt: skip
    return structure


def _lieu(
    contexte: Contexte, session: Session, demande: Demande, partenaire: Partenaire, posee: ConventionPosee
) -> dict[str, Any]:
    """Give the SIRET and the place of a project: as told, else those that all its partner's structures share."""
    connus = {(s.siret, s.commune_insee, s.commune, s.epci_siren, s.epci) for s in structures_de(session, demande)}
    if posee.siret or posee.commune:
        commune = _communes(contexte.reglages.config).get(posee.commune)
        if not siret_francais.is_valid(posee.siret) or not posee.siret.startswith(partenaire.siren):
            raise ActeRefuse(f"« {posee.siret} » n'est pas un SIRET de {partenaire.nom} ({partenaire.siren}).")
        if commune is None:
            raise ActeRefuse(f"« {posee.commune} » n'est le code Insee d'aucune commune de la Haute-Marne.")
        connus = {(posee.siret, commune.insee, commune.nom, commune.epci_siren, commune.epci_nom)}
    if len(connus) != 1:
        raise ActeRefuse(
            f"Rien ne dit à quel SIRET ni dans quelle commune est le projet {demande.reference} de {partenaire.nom} : "
            "donnez --siret et --commune (code Insee)."
        )
    valeurs = connus.pop()
    return dict(zip(("siret", "commune_insee", "commune", "epci_siren", "epci"), valeurs, strict=True))


def _declaration(
    session: Session, demande: Demande, decision: Decision, structure: Structure, instant: datetime, par: str
) -> Declaration:
    declaration = Declaration(
        structure_id=structure.id or 0,
        prestation=FONDS_LOCAUX,
        nature=SUBVENTION,
        exercice=demande.exercice,
        etape=decision.commission,
        origine="commission",
        donnees={"reference": demande.reference, "accord_centimes": decision.montant_centimes},
        recue_le=instant,
        etat=EtatDeclaration.VALIDEE,
    )
    session.add(declaration)
    session.flush()
    acte = Acte(instant, par, "accorder", f"décision de {decision.commission}")
    consigner(session, declaration, acte, {"structure": structure.code, "etape": decision.commission})
    return declaration


def _droit(
    contexte: Contexte, demande: Demande, decision: Decision, declaration: Declaration, instant: datetime
) -> Droit:
    """Give the right that an accord stands for; its explanation cites the sitting, the day and who recorded it."""
    montant = decision.montant_centimes or 0
    reglee = seance(contexte, decision.commission)
    quand = en_toutes_lettres(reglee.jour) if reglee.jour else ""
    if reglee.est_approximative("jour"):
        quand = f"{quand} (date à confirmer)"
    le = decision.le.astimezone(PARIS).date()
    euros = exact(en_euros(montant))
    calcul = Calcul(bareme(contexte), demande.exercice, instant.date())
    phrase = (
        f"{formater_nombre(euros, 2)} €, accordés par la {reglee.libelle[:1].lower()}{reglee.libelle[1:]}, séance du "
        f"{quand}, à la demande {demande.reference} ({formater_euros(demande.montant_demande_centimes)} demandés) ; "
        f"décision enregistrée le {en_chiffres(le)} par {decision.par}"
    )
    calcul.ligne("accord", "Subvention accordée", "€", lambda: (phrase, euros))
    calcule = calcul.conclure(FONDS_LOCAUX, SUBVENTION, [euros])
    explication = expliquer(calcule, connu_le=instant.date()) | {
        "decision": {"commission": decision.commission, "par": decision.par, "le": le.isoformat()}
    }
    empreinte = hashlib.sha256(f"{demande.reference}:{decision.id}:{montant}".encode()).hexdigest()
    return Droit(
        declaration_id=declaration.id or 0,
        connu_le=instant.date(),
        calcule_le=instant,
        montant_centimes=montant,
        payable=True,
        demonstration=contexte.reglages.demonstration,
        empreinte=empreinte,
        explication=explication,
    )


def echeance(contexte: Contexte, session: Session, declaration: Declaration, jour: date) -> Echeance:
    """Say what must have been paid of a grant by a day: a share under its convention, all of it with the bilan."""
    demande = demande_ou_refus(session, declaration.donnees["reference"])
    connue = enveloppe(contexte, demande.enveloppe, demande.exercice)
    deja = accorde(session, demande.enveloppe, demande.exercice)
    bilan = bilan_recu(session, demande)
    nature = NatureVersement.SOLDE if bilan else NatureVersement.ACOMPTE
    motifs = connue.defauts(deja, demonstration=contexte.reglages.demonstration)
    if motifs or connue.part_acompte is None:
        return Echeance(nature, None, motifs)
    ecriture, centimes = cible(declaration.donnees["accord_centimes"], connue.part_acompte, bilan_recu=bilan)
    calcul = Calcul(bareme(contexte), demande.exercice, jour)
    euros = exact(en_euros(centimes))
    libelle = "Subvention entière" if bilan else "Part payée à la signature de la convention"
    calcul.ligne("cible", libelle, "€", lambda: (ecriture, euros))
    return Echeance(nature, calcul.conclure(FONDS_LOCAUX, SUBVENTION, [euros]), ())


def bilan_recu(session: Session, demande: Demande) -> bool:
    """Whether the bilan of a funded project has come: its balance is then due."""
    recu = select(Piece.id).where(
        Piece.demande_id == demande.id, Piece.code == BILAN_DU_PROJET, col(Piece.etat) == EtatPiece.RECUE
    )
    return session.exec(recu).first() is not None

"""The grants that a sitting has accorded and that wait: for their convention, for a payment, for their bilan."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlmodel import Session, select

from modeles.requetes import structure_par_code
from modeles.requetes_argent import declarations_de_l_exercice, dernier_droit
from modeles.requetes_commission import en_vigueur
from modeles.tables import Decision, Demande, Structure
from operations.commission.engagements import bilan_recu, echeance
from operations.commission.socle import partenaire_de
from operations.contexte import Contexte
from operations.dus import AReglement, Prevision, prevoir
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.annuaire import Annuaire
from regles.calendrier import PARIS
from regles.dates import en_chiffres
from regles.etats import EtatDeclaration, SensDecision


def des_subventions(
    contexte: Contexte, session: Session, annuaire: Annuaire, noms: Mapping[str, str], jour: date
) -> Iterator[Affaire]:
    """Give the grants that wait for somebody; `noms` names each sitting. A due once written is told with its step."""
    accords = session.exec(
        select(Demande, Decision)
        .where(Decision.demande_id == Demande.id, Decision.sens == SensDecision.ACCORD, en_vigueur())
        .order_by(Demande.reference)
    )
    for demande, decision in accords:
        fiche = annuaire.fiche(partenaire_de(session, demande).code)
        sujet = noms.get(decision.commission, decision.commission)
        nom, accord = f"subvention {demande.reference}", decision.montant_centimes
        structure = structure_par_code(session, demande.reference)
        if structure is None:
            le = decision.le.astimezone(PARIS).date()
            yield Affaire(Acteur.EQUIPE, sujet, fiche, f"{nom} accordée : convention à enregistrer", le, None, accord)
            continue
        prevue = _prevoir(contexte, session, demande, structure, jour)
        fin = structure.fermee_le
        if prevue.motifs:
            quoi = f"{nom} non payable : {' ; '.join(prevue.motifs)}"
            yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, structure.ouverte_le, None, accord)
        elif prevue.suite.montant_centimes:
            quoi = f"{nom} à payer : campagnes proposer {decision.commission} --par …"
            montant = prevue.suite.montant_centimes
            yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, structure.ouverte_le, None, montant)
        elif fin is not None and jour > fin and not bilan_recu(session, demande):
            quoi = f"{nom} : bilan du projet attendu, la convention a fini le {en_chiffres(fin)}"
            yield Affaire(Acteur.PARTENAIRE, sujet, fiche, quoi, fin, None, (accord or 0) - prevue.cible_centimes)


def _prevoir(contexte: Contexte, session: Session, demande: Demande, structure: Structure, jour: date) -> Prevision:
    """Say what the right of a grant under convention still makes due."""
    validees = declarations_de_l_exercice(session, demande.exercice, [EtatDeclaration.VALIDEE], structure.id)
    ((declaration, _, partenaire),) = validees
    droit = dernier_droit(session, declaration.id or 0)
    if droit is None:
        return Prevision(("droit à calculer",))
    nature = echeance(contexte, session, declaration, jour).nature
    reglement = AReglement(declaration, structure, partenaire, droit, declaration.etape, nature)
    return prevoir(contexte, session, reglement, jour)

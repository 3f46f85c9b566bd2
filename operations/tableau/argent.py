"""What waits for money to move: rights to compute or unblock, dues to propose, batches and accounts to decide."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sqlmodel import Session, col, select

from modeles.tables import Declaration, Droit, Lot, Partenaire, Structure, Versement
from operations.contexte import Contexte
from operations.coordonnees import CompteConnu, EtatCompte
from operations.paiements import RANGS, defauts_de_paiement, defauts_du_droit
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.annuaire import Annuaire
from regles.calendrier import PARIS, Etape, nommer_etape
from regles.etats import EtatDeclaration, EtatLot, EtatVersement

LOTS = {
    EtatLot.PROPOSE: (Acteur.EQUIPE, "à ordonnancer ou à refuser"),
    EtatLot.ORDONNANCE: (Acteur.FINANCE, "à viser ou à refuser"),
    EtatLot.LIBERE: (Acteur.FINANCE, "visé, à exporter"),
    EtatLot.EXPORTE: (Acteur.FINANCE, "exporté, à transmettre à la banque"),
    EtatLot.TRANSMIS: (Acteur.FINANCE, "transmis, résultat de la banque attendu"),
}


def des_droits(
    contexte: Contexte, session: Session, annuaire: Annuaire, etapes: Iterable[Etape], jour: date
) -> Iterator[Affaire]:
    """Give, of the declarations that payments rest on, the rights not computed, and those not payable and why."""
    noms = {e.id: nommer_etape(e) for e in etapes}
    for declaration, structure, partenaire in _bases(session, list(noms)):
        droit = session.exec(
            select(Droit).where(Droit.declaration_id == declaration.id).order_by(col(Droit.rang).desc()).limit(1)
        ).first()
        fiche, sujet = annuaire.fiche(structure.code), noms[declaration.etape]
        depuis = declaration.recue_le.astimezone(PARIS).date()
        if droit is None:
            yield Affaire(Acteur.EQUIPE, sujet, fiche, "droit à calculer", depuis)
            continue
        motifs = defauts_du_droit(contexte, droit) or defauts_de_paiement(
            session, structure, partenaire, declaration.exercice, jour
        )
        if motifs:
            quoi = f"droit non payable : {' ; '.join(motifs)}"
            le = droit.calcule_le.astimezone(PARIS).date()
            yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, le, None, droit.montant_centimes)


def _bases(session: Session, etapes: Sequence[str]) -> list[tuple[Declaration, Structure, Partenaire]]:
    """Give, of each structure and exercice, the validated declaration of the highest rank among those of some steps."""
    validees = session.exec(
        select(Declaration, Structure, Partenaire)
        .where(
            Declaration.structure_id == Structure.id,
            Structure.partenaire_id == Partenaire.id,
            Declaration.etat == EtatDeclaration.VALIDEE,
            col(Declaration.etape).in_(etapes),
            col(Declaration.nature).in_(RANGS),
        )
        .order_by(Structure.code)
    )
    bases: dict[tuple[int, int], tuple[Declaration, Structure, Partenaire]] = {}
    for ligne in sorted(validees, key=lambda li: (RANGS.index(li[0].nature), li[0].recue_le)):
        bases[ligne[0].structure_id, ligne[0].exercice] = (ligne[0], ligne[1], ligne[2])
    return sorted(bases.values(), key=lambda li: (li[1].code, li[0].exercice))


def des_lots(session: Session, annuaire: Annuaire, noms: dict[str, str]) -> Iterator[Affaire]:
    """Give the dues to propose, a line a step, and the batches that wait for somebody; `noms` names each step."""
    dus: dict[str, list[Versement]] = {}
    for versement in session.exec(
        select(Versement).where(Versement.etat == EtatVersement.DU).order_by(col(Versement.cree_le))
    ):
        dus.setdefault(versement.etape, []).append(versement)
    for etape, siens in dus.items():
        total = sum(v.montant_centimes for v in siens)
        quoi = f"{len(siens)} versement(s) à proposer : campagnes proposer {etape} --par …"
        depuis = siens[0].cree_le.astimezone(PARIS).date()
        yield Affaire(Acteur.EQUIPE, noms.get(etape, etape), annuaire.fiche(""), quoi, depuis, None, total)
    attente = session.exec(select(Lot).where(col(Lot.etat).in_(list(LOTS))).order_by(col(Lot.id)))
    for lot in attente:
        acteur, suite = LOTS[lot.etat]
        quoi = f"lot {lot.numero}, {lot.nombre} versement(s), {suite}"
        depuis = (lot.decide_le or lot.propose_le).astimezone(PARIS).date()
        sujet = noms.get(lot.etape, lot.etape)
        yield Affaire(acteur, sujet, annuaire.fiche(""), quoi, depuis, None, lot.total_centimes)


def des_comptes(comptes: Iterable[CompteConnu], annuaire: Annuaire) -> Iterator[Affaire]:
    """Give the bank accounts that finance has to confirm by calling the partner back; no number is shown."""
    for compte in comptes:
        if compte.etat is EtatCompte.A_CONFIRMER:
            quoi = f"compte bancaire n° {compte.id} à confirmer par un contre-appel"
            yield Affaire(Acteur.FINANCE, "Comptes bancaires", annuaire.fiche(compte.partenaire), quoi, compte.du)

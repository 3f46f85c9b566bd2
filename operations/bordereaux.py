"""What the bordereau of a batch says: read once for all its lines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from echanges.bordereau import Annexes, EnteteBordereau, LigneBordereau
from echanges.ecarts import LigneEcart
from echanges.suspendus import LigneSuspendue
from modeles.requetes_lots import (
    comptes_du_lot,
    comptes_payes_avant,
    conventions_des_structures_au,
    deja_verses,
    empreintes_des_depots,
    paiements_anterieurs,
    validations,
)
from modeles.requetes_suspensions import suspendus_de_l_etape, suspensions_levees
from modeles.tables import Droit, LigneJournal, LigneLot, Lot, Partenaire, Structure, Versement
from operations.droits import periode_de
from operations.indus import lignes_de_la_balance
from regles.calendrier import PARIS
from regles.comptes import masquer
from regles.dates import en_chiffres

DEBUT_D_EMPREINTE = 12
Motifs = Mapping[str, str]  # what each code of suspension means
Lue = tuple[LigneLot, Versement, Structure, Partenaire, Droit]


def lire_bordereau(
    session: Session, lot: Lot, lues: Sequence[Lue], motifs: Motifs
) -> tuple[EnteteBordereau, list[LigneBordereau]]:
    """Give the head of a batch's bordereau and its lines, from what `lignes_du_lot` has read."""
    periodes = {s.id or 0: periode_de(s, v.exercice) for _, v, s, *_ in lues}
    conventions = conventions_des_structures_au(session, {s: periode.au for s, periode in periodes.items()})
    versements = [v.id or 0 for _, v, *_ in lues]
    verses, suspensions = deja_verses(session, versements), _suspensions(session, versements, motifs)
    comptes, payes = comptes_du_lot(session, lot.id or 0), comptes_payes_avant(session, lot)
    declarations = [droit.declaration_id for *_, droit in lues]
    depots, valides = empreintes_des_depots(session, declarations), validations(session, declarations)
    lignes = []
    for ligne, versement, structure, partenaire, droit in lues:
        periode, convention = periodes[structure.id or 0], conventions.get(structure.id or 0)
        compte = comptes.get(ligne.coordonnee_id or 0)  # a batch proposed before accounts were kept has none
        lignes.append(
            LigneBordereau(
                reference=versement.reference,
                nature=versement.nature,
                exercice=versement.exercice,
                prestation=versement.prestation,
                convention=convention.numero if convention else "",
                siret=structure.siret,
                structure=structure.nom,
                gestionnaire=partenaire.nom,
                compte=masquer(compte.iban) if compte else "",
                droit_centimes=droit.montant_centimes or 0,
                deja_verse_centimes=verses[versement.id or 0],
                liquide_centimes=versement.montant_centimes,
                retenu_centimes=ligne.retenue_centimes,
                net_centimes=ligne.montant_centimes,
                empreinte=droit.empreinte,
                periode=f"{periode.du:%d/%m/%Y}-{periode.au:%d/%m/%Y}",
                compte_depuis=f"{compte.du:%d/%m/%Y}" if compte and compte.id not in payes else "",
                service_fait=_service_fait(valides.get(droit.declaration_id)),
                piece=depots.get(droit.declaration_id, "")[:DEBUT_D_EMPREINTE],
                connu_le=f"{droit.connu_le:%d/%m/%Y}",
                suspension=suspensions.get(versement.id or 0, ""),
            )
        )
    return _entete(session, lot), lignes


def _entete(session: Session, lot: Lot) -> EnteteBordereau:
    tete = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc()).limit(1)).one()
    return EnteteBordereau(
        numero=lot.numero,
        etape=lot.etape,
        propose_par=lot.propose_par,
        ordonne_par=lot.ordonne_par or "",
        ordonne_le=_jour(lot.ordonne_le),
        vise_par=lot.decide_par or "",
        vise_le=_jour(lot.decide_le),
        tete_du_journal=f"{tete.numero} {tete.empreinte}",
        mention="DÉMONSTRATION" if lot.demonstration else "",
    )


def _jour(instant: datetime | None) -> str:
    return "" if instant is None else en_chiffres(instant.astimezone(PARIS).date())


def _service_fait(ligne: LigneJournal | None) -> str:
    """Say who accepted a declaration, and when."""
    return "" if ligne is None else f"validé par {ligne.par} le {ligne.le.astimezone(PARIS):%d/%m/%Y}"


def _suspensions(session: Session, versements: Collection[int], motifs: Motifs) -> dict[int, str]:
    """Say of each due that was suspended, by id, why, from when to when, and who lifted it."""
    dites: dict[int, list[str]] = {}
    for suspension in suspensions_levees(session, versements):
        dites.setdefault(suspension.versement_id, []).append(
            f"{motifs.get(suspension.motif, suspension.motif)} ({suspension.motif}), du {_jour(suspension.le)} au "
            f"{_jour(suspension.levee_le)}, levée par {suspension.levee_par} : {suspension.levee_motif}"
        )
    return {versement: " ; ".join(phrases) for versement, phrases in dites.items()}


def lire_annexes(session: Session, lot: Lot, lues: Sequence[Lue], instant: datetime, motifs: Motifs) -> Annexes:
    """Give the other sheets of a workbook: changes since the last payments, dues held back, indus of the day."""
    derniers: dict[tuple[int, str, str], tuple[Versement, LigneLot, str]] = {}
    for versement, ligne, numero in paiements_anterieurs(session, lot):
        derniers[versement.structure_id, versement.prestation, versement.nature] = (versement, ligne, numero)
    payes = comptes_payes_avant(session, lot)
    ecarts = []
    for ligne, versement, structure, partenaire, _ in lues:
        precedent = derniers.get((versement.structure_id, versement.prestation, versement.nature))
        ecarts.append(
            LigneEcart(
                gestionnaire=partenaire.nom,
                structure=f"{structure.code} {structure.nom}",
                prestation=versement.prestation,
                nature=versement.nature,
                lot_precedent=precedent[2] if precedent else "",
                precedent_centimes=precedent[1].montant_centimes if precedent else None,
                net_centimes=ligne.montant_centimes,
                compte_change=ligne.coordonnee_id is not None and ligne.coordonnee_id not in payes,
            )
        )
    return Annexes(
        ecarts,
        [
            LigneSuspendue(
                reference=versement.reference,
                structure=f"{structure.code} {structure.nom}",
                gestionnaire=partenaire.nom,
                montant_centimes=versement.montant_centimes,
                code=suspension.motif,
                motif=motifs.get(suspension.motif, suspension.motif),
                depuis=suspension.le.astimezone(PARIS).date(),
                par=suspension.par,
                texte=suspension.texte,
            )
            for suspension, versement, structure, partenaire in suspendus_de_l_etape(session, lot.etape)
        ],
        lignes_de_la_balance(session),
        instant.astimezone(PARIS).date(),
    )

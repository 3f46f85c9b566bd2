"""From declarations received to rights: the team validates, the rules compute, the explanation is kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from echanges.pages import document_droit
from modeles.base import transaction
from modeles.journal import MOTIF_AU_PLUS, inscrire, verrouiller
from modeles.requetes_argent import convention_au, declarations_de_l_etape, dernier_droit, engages_de
from modeles.tables import Convention, Declaration, Droit, Partenaire, Structure
from modeles.transitions import Acte, passer
from operations.calcul import expliquer
from operations.configuration import bareme, etape
from operations.contexte import ActeRefuse, Contexte, exiger_court
from regles.calcul import Donnee, FormuleAbsente, calculer_droit, entrees_connues
from regles.conventions import Periode, periode_financee
from regles.etats import EtatDeclaration
from regles.formules.entrees import Genre, bloquer
from regles.monnaie import en_euros, exact
from regles.trace import Calcul
from regles.trace import Droit as DroitCalcule


@dataclass(frozen=True, slots=True)
class BilanValidation:
    """What a validation did. `en_attente`: structures whose alerts call for a reason before they are validated."""

    validees: int
    en_attente: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LigneDroit:
    """A right as listed: amount in cents (None when unknown), and why it is not payable."""

    structure: str
    nom: str
    montant_centimes: int | None
    payable: bool
    motifs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BilanDroits:
    """Rights of a step after a computation; `nouveaux` counts those that did not exist yet."""

    nouveaux: int
    lignes: tuple[LigneDroit, ...]

    @property
    def total_centimes(self) -> int:
        """Sum of the payable rights, in cents."""
        return sum(ligne.montant_centimes or 0 for ligne in self.lignes if ligne.payable)


def valider(
    contexte: Contexte, identifiant: str, par: str, motif: str = "", jour: date | None = None
) -> BilanValidation:
    """Validate the declarations received for a step; those with alerts only when `motif` says why they are accepted.

    Raises:
        ActeRefuse: unknown step, too long a reason, or a person who may not validate.
    """
    etape(contexte, identifiant)
    contexte.exiger_droit(par, "valider")
    exiger_court(motif, MOTIF_AU_PLUS)
    instant = contexte.maintenant(jour)
    validees, en_attente = 0, []
    with transaction(contexte.moteur) as session:
        for declaration, structure, _ in declarations_de_l_etape(session, identifiant, EtatDeclaration.RECUE):
            if declaration.alertes and not motif.strip():
                en_attente.append(structure.code)
                continue
            acte = Acte(instant, par, "valider", motif if declaration.alertes else "")
            details = {"structure": structure.code, "alertes": declaration.alertes}
            passer(session, declaration, EtatDeclaration.VALIDEE, acte, details)
            validees += 1
    return BilanValidation(validees, tuple(en_attente))


def calculer_droits(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanDroits:
    """Compute the right of every validated declaration of a step, as known that day; write only new results.

    A right that a payment rests on stays as it is: what is known since is for the rappels, which a person confirms.

    Raises:
        ActeRefuse: unknown step, or a step that is no declaration.
    """
    reglee = etape(contexte, identifiant)
    if not reglee.nature.est_declaration:
        raise ActeRefuse(f"L'étape « {identifiant} » n'est pas une campagne de déclaration : aucun droit à calculer.")
    instant = contexte.maintenant(jour)
    nouveaux, lignes = 0, []
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        for declaration, structure, _ in declarations_de_l_etape(session, identifiant, EtatDeclaration.VALIDEE):
            droit, est_nouveau = _calculer(contexte, session, declaration, structure, instant)
            nouveaux += est_nouveau
            motifs = tuple(droit.explication["motifs"])
            lignes.append(LigneDroit(structure.code, structure.nom, droit.montant_centimes, droit.payable, motifs))
    return BilanDroits(nouveaux, tuple(lignes))


def conditions(convention: Convention | None) -> dict[str, Any]:
    """Give what a convention brings to a right, as plain JSON values."""
    if convention is None:
        return {}
    return {
        "attractivite": convention.attractivite,
        "forfait_territoire": str(en_euros(convention.forfait_territoire_centimes)),
        "hausse_places": convention.hausse_places,
        **convention.conditions,
    }


def typer_entrees(prestation: str, entrees: Mapping[str, Any]) -> dict[str, Donnee]:
    """Turn stored answers (integers, booleans, decimal texts) into the exact values that the formula reads."""
    nombres = {cle for cle, entree in entrees_connues(prestation).items() if entree.genre is Genre.NOMBRE}
    return {cle: exact(v) if cle in nombres and v is not None else v for cle, v in entrees.items()}


def entrees_du_droit(session: Session, declaration: Declaration, structure: Structure) -> dict[str, Any]:
    """Give all that a right rests on: the declaration, and the convention in force at the end of what it finances."""
    fin = periode_de(structure, declaration.exercice).au
    return {**declaration.donnees, **conditions(convention_au(session, structure.id or 0, fin))}


def periode_de(structure: Structure, exercice: int) -> Periode:
    """Give the days that a structure is paid for, in an exercice."""
    return periode_financee(structure.prestation, exercice, structure.ouverte_le, structure.fermee_le)


def calculer_connu_le(
    contexte: Contexte, session: Session, declaration: Declaration, structure: Structure, connu_le: date
) -> tuple[dict[str, Any], DroitCalcule]:
    """Compute the right of a declaration as known on a day, without writing: (what it rests on, the right).

    When no formula was in force, the right has no amount and says so: the others of the step are computed all the same.
    """
    entrees = entrees_du_droit(session, declaration, structure)
    typees = typer_entrees(declaration.prestation, entrees)
    connu = bareme(contexte)
    try:
        calcule = calculer_droit(
            declaration.prestation, declaration.nature, declaration.exercice, typees, connu, connu_le
        )
    except FormuleAbsente as absence:
        calcul = Calcul(connu, declaration.exercice, connu_le)
        calcul.constats.append(bloquer("formule_absente", str(absence)))
        calcule = calcul.conclure(declaration.prestation, declaration.nature, [None])
    return entrees, calcule


def composer_droit(
    contexte: Contexte, session: Session, declaration: Declaration, structure: Structure, instant: datetime
) -> tuple[Droit, bool]:
    """Compute the right of a declaration without writing: (the last one, or another when it differs; is it new)."""
    entrees, calcule = calculer_connu_le(contexte, session, declaration, structure, instant.date())
    explication = expliquer(calcule, connu_le=instant.date())
    empreinte = _empreinte(entrees, explication)
    dernier = dernier_droit(session, declaration.id or 0)
    if dernier is not None and dernier.empreinte == empreinte:
        return dernier, False
    return (
        Droit(
            declaration_id=declaration.id or 0,
            rang=1 if dernier is None else dernier.rang + 1,
            connu_le=instant.date(),
            calcule_le=instant,
            montant_centimes=calcule.droit_centimes,
            payable=calcule.est_payable(demonstration=contexte.reglages.demonstration),
            demonstration=contexte.reglages.demonstration,
            empreinte=empreinte,
            explication=explication,
        ),
        True,
    )


def enregistrer_droit(session: Session, droit: Droit, structure: Structure) -> None:
    """Write a right just composed, and its line of the journal."""
    session.add(droit)
    session.flush()
    inscrire(
        session,
        le=droit.calcule_le,
        par="calcul",
        objet="droit",
        objet_id=droit.id or 0,
        action="calculer",
        details={
            "structure": structure.code,
            "declaration": droit.declaration_id,
            "montant_centimes": droit.montant_centimes,
            "payable": droit.payable,
            "empreinte": droit.empreinte,
        },
    )


def ecrire_droit(
    contexte: Contexte, session: Session, declaration: Declaration, structure: Structure, instant: datetime
) -> tuple[Droit, bool]:
    """Compute the right of a declaration and write it when it differs from the last one: (the last one, is it new)."""
    droit, est_nouveau = composer_droit(contexte, session, declaration, structure, instant)
    if est_nouveau:
        enregistrer_droit(session, droit, structure)
    return droit, est_nouveau


def _calculer(
    contexte: Contexte, session: Session, declaration: Declaration, structure: Structure, instant: datetime
) -> tuple[Droit, bool]:
    """Compute a right, unless a payment rests on one of the declaration: only a rappel then computes it anew."""
    dernier = dernier_droit(session, declaration.id or 0)
    if dernier is not None and engages_de(session, declaration.id or 0):
        return dernier, False
    return ecrire_droit(contexte, session, declaration, structure, instant)


def _empreinte(entrees: Mapping[str, Any], explication: Mapping[str, Any]) -> str:
    """Fingerprint of what a right rests on: its inputs, the parameters cited and the amount; not the day."""
    retenu = {
        "entrees": entrees,
        "parametres": [[p["cle"], p["valeur"], p["statut"]] for p in explication["parametres"]],
        "montant": explication["droit_centimes"],
        "partiel": explication["partiel_centimes"],
    }
    return hashlib.sha256(json.dumps(retenu, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def ecrire_explications(contexte: Contexte, identifiant: str) -> list[str]:
    """Write the explanation of each right of a step as a printable page under var/documents; give the paths."""
    dossier = contexte.reglages.var / "documents" / identifiant
    dossier.mkdir(parents=True, exist_ok=True)
    chemins = []
    with transaction(contexte.moteur) as session:
        for declaration, structure, partenaire in declarations_de_l_etape(
            session, identifiant, EtatDeclaration.VALIDEE
        ):
            droit = dernier_droit(session, declaration.id or 0)
            if droit is not None:
                page = page_du_droit(contexte, droit, structure, partenaire)
                chemin = dossier / f"{structure.code}.html"
                chemin.write_text(page, encoding="utf-8")
                chemins.append(str(chemin))
    return chemins


def page_du_droit(contexte: Contexte, droit: Droit, structure: Structure, partenaire: Partenaire) -> str:
    """Write the explanation of a right as a printable page."""
    identite = {
        "code": structure.code,
        "nom": structure.nom,
        "gestionnaire": partenaire.nom,
        "commune": structure.commune,
        "siret": structure.siret,
        "caf": contexte.reglages.fichier.caf,
    }
    return document_droit(droit.explication, identite, contexte.reglages.mention)

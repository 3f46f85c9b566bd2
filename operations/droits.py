"""From declarations received to rights: the team validates, the rules compute, the explanation is kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from echanges.documents import document_droit
from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes_argent import convention_de_l_exercice, declarations_de_l_etape, dernier_droit
from modeles.tables import Convention, Declaration, Droit, Partenaire, Structure
from operations.calcul import expliquer
from operations.configuration import bareme, etape, formulaire
from operations.contexte import ActeRefuse, Contexte
from regles.calcul import Donnee, calculer_droit
from regles.champs import Formulaire, TypeChamp
from regles.etats import EtatDeclaration, verifier_transition
from regles.monnaie import en_euros, exact

CONDITIONS_DECIMALES = frozenset({"forfait_territoire", "hausse_places"})


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
        ActeRefuse: unknown step, or a person who may not validate.
    """
    etape(contexte, identifiant)
    contexte.exiger_droit(par, "valider")
    instant = contexte.maintenant(jour)
    validees, en_attente = 0, []
    with transaction(contexte.moteur) as session:
        for declaration, structure, _ in declarations_de_l_etape(session, identifiant, EtatDeclaration.RECUE):
            if declaration.alertes and not motif.strip():
                en_attente.append(structure.code)
                continue
            _passer(session, declaration, EtatDeclaration.VALIDEE)
            inscrire(
                session,
                le=instant,
                par=par,
                objet="declaration",
                objet_id=declaration.id or 0,
                action="valider",
                avant=EtatDeclaration.RECUE,
                apres=EtatDeclaration.VALIDEE,
                motif=motif if declaration.alertes else "",
                details={"structure": structure.code, "alertes": declaration.alertes},
            )
            validees += 1
    return BilanValidation(validees, tuple(en_attente))


def _passer(session: Session, declaration: Declaration, apres: EtatDeclaration) -> None:
    verifier_transition(declaration.etat, apres)
    declaration.etat = apres
    session.add(declaration)


def calculer_droits(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanDroits:
    """Compute the right of every validated declaration of a step, as known that day; write only new results.

    Raises:
        ActeRefuse: unknown step, or a step that is no declaration.
    """
    reglee = etape(contexte, identifiant)
    if not reglee.nature.est_declaration:
        raise ActeRefuse(f"L'étape « {identifiant} » n'est pas une campagne de déclaration : aucun droit à calculer.")
    nouveaux, lignes = 0, []
    with transaction(contexte.moteur) as session:
        for declaration, structure, _ in declarations_de_l_etape(session, identifiant, EtatDeclaration.VALIDEE):
            droit, est_nouveau = _calculer(contexte, session, declaration, structure, jour)
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
    }


def donnees_typees(formulaire_: Formulaire, donnees: Mapping[str, Any]) -> dict[str, Donnee]:
    """Turn the stored values of a declaration and its convention into exact values for the formula."""
    decimaux = CONDITIONS_DECIMALES | {t.cle for t in formulaire_.totaux}
    for champ in formulaire_.champs:
        if champ.type in {TypeChamp.DECIMAL, TypeChamp.EUROS}:
            decimaux |= {champ.cle}
    return {cle: exact(valeur) if cle in decimaux and valeur is not None else valeur for cle, valeur in donnees.items()}


def _calculer(
    contexte: Contexte, session: Session, declaration: Declaration, structure: Structure, jour: date | None
) -> tuple[Droit, bool]:
    instant = contexte.maintenant(jour)
    convention = convention_de_l_exercice(session, structure.id or 0, declaration.exercice)
    entrees = {**declaration.donnees, **conditions(convention)}
    typees = donnees_typees(formulaire(contexte, declaration.prestation), entrees)
    calcule = calculer_droit(
        declaration.prestation, declaration.nature, declaration.exercice, typees, bareme(contexte), instant.date()
    )
    explication = expliquer(calcule, connu_le=instant.date())
    empreinte = _empreinte(entrees, explication)
    dernier = dernier_droit(session, declaration.id or 0)
    if dernier is not None and dernier.empreinte == empreinte:
        return dernier, False
    droit = Droit(
        declaration_id=declaration.id or 0,
        rang=1 if dernier is None else dernier.rang + 1,
        connu_le=instant.date(),
        calcule_le=instant,
        montant_centimes=calcule.droit_centimes,
        payable=calcule.est_payable(demonstration=contexte.reglages.demonstration),
        demonstration=contexte.reglages.demonstration,
        empreinte=empreinte,
        explication=explication,
    )
    session.add(droit)
    session.flush()
    inscrire(
        session,
        le=instant,
        par="calcul",
        objet="droit",
        objet_id=droit.id or 0,
        action="calculer",
        details={
            "structure": structure.code,
            "declaration": declaration.id,
            "montant_centimes": droit.montant_centimes,
            "payable": droit.payable,
            "empreinte": empreinte,
        },
    )
    return droit, True


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
                page = _page(contexte, droit, structure, partenaire)
                chemin = dossier / f"{structure.code}.html"
                chemin.write_text(page, encoding="utf-8")
                chemins.append(str(chemin))
    return chemins


def _page(contexte: Contexte, droit: Droit, structure: Structure, partenaire: Partenaire) -> str:
    identite = {
        "code": structure.code,
        "nom": structure.nom,
        "gestionnaire": partenaire.nom,
        "commune": structure.commune,
        "siret": structure.siret,
        "caf": contexte.reglages.fichier.caf,
    }
    return document_droit(droit.explication, identite, contexte.reglages.mention)

"""What an import of the network writes, row after row, and how it is told: each value before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from modeles.journal import inscrire
from modeles.requetes import conventions_des_structures
from modeles.tables import Adhesion, Contact, Convention, Partenaire, Structure, Versement
from modeles.tables.reseau import RoleContact
from operations.contexte import ActeRefuse
from operations.droits import periode_de
from regles.dates import en_chiffres
from regles.etats import EtatVersement, NatureVersement
from regles.monnaie import formater_euros
from schemas.coherence_reseau import ADMINISTRATEURS_AU_PLUS, FauteReseau, en_cellule
from schemas.fichiers_reseau import FichiersReseau
from schemas.reseau import CONDITIONS, Ligne, LigneContact, LigneConvention, LigneStructure

NOM_AU_JOURNAL = 100
PAYES = (EtatVersement.EN_LOT, EtatVersement.LIBERE, EtatVersement.REPRISE)


@dataclass(slots=True)
class BilanReseau:
    """What an import changes, in French sentences; nothing is written when there are faults or on a preview.

    `alertes`: what the files make of the conventions, to read before applying. `absents`: the files not given.
    """

    fautes: tuple[FauteReseau, ...] = ()
    absents: tuple[str, ...] = ()
    changements: list[str] = field(default_factory=list)
    alertes: list[str] = field(default_factory=list)
    inchanges: int = 0
    applique: bool = False


@dataclass(slots=True)
class Ecriture:
    """An import under way: who does it, when, and what it changes."""

    session: Session
    par: str
    instant: datetime
    bilan: BilanReseau

    def ecrire(self, lus: FichiersReseau) -> None:
        """Write every row in the caller's transaction.

        Raises:
            ActeRefuse: a structure already paid that would change partner, or a third administrator.
        """
        for p in lus.partenaires:
            valeurs = _donnees(p)
            trouve = self.session.exec(select(Partenaire).where(Partenaire.code == p.code)).first()
            self._poser("partenaire", p.code, trouve, Partenaire(**valeurs), valeurs)
        partenaires = {p.code: p.id or 0 for p in self.session.exec(select(Partenaire))}
        self._contacts(lus, partenaires)
        for s in lus.structures:
            self._structure(s, partenaires[s.partenaire])
        self._conventions(lus)
        self._adhesions(lus, partenaires)

    def _contacts(self, lus: FichiersReseau, partenaires: Mapping[str, int]) -> None:
        """Write the contacts, who leaves the role of administrator before who takes it."""
        administrateurs = []
        for c in lus.contacts:
            connu = self.session.exec(
                select(Contact).where(
                    Contact.partenaire_id == partenaires[c.partenaire], Contact.courriel == c.courriel
                )
            ).first()
            role = c.role if connu is None or "role" in c.model_fields_set else connu.role
            if c.actif and role == RoleContact.ADMINISTRATEUR.value:
                administrateurs.append((c, connu))
            else:
                self._contact(c, connu, partenaires[c.partenaire])
        for c, connu in administrateurs:
            self._exiger_la_place(c, partenaires[c.partenaire])
            self._contact(c, connu, partenaires[c.partenaire])

    def _contact(self, ligne: LigneContact, connu: Contact | None, partenaire: int) -> None:
        valeurs = {**_donnees(ligne, "partenaire"), "partenaire_id": partenaire}
        self._poser("contact", f"{ligne.partenaire} {ligne.nom}", connu, Contact(**valeurs), valeurs)

    def _exiger_la_place(self, ligne: LigneContact, partenaire: int) -> None:
        """Refuse in words what a trigger would refuse: who is known from before counts, in the files or not."""
        autres = self.session.exec(
            select(Contact.nom).where(
                Contact.partenaire_id == partenaire,
                Contact.role == RoleContact.ADMINISTRATEUR,
                col(Contact.actif).is_(True),
                Contact.courriel != ligne.courriel,
            )
        ).all()
        if len(autres) >= ADMINISTRATEURS_AU_PLUS:
            raise ActeRefuse(
                f"{ligne.partenaire} a déjà deux administrateurs actifs ({', '.join(autres)}) : dites dans "
                f"contacts.csv lequel quitte ce rôle, ou n'est plus actif, avant d'y mettre {ligne.nom}."
            )

    def _structure(self, ligne: LigneStructure, partenaire: int) -> None:
        valeurs = {
            **_donnees(ligne, "partenaire"),
            "partenaire_id": partenaire,
            "taux_regime_general": str(ligne.taux_regime_general),
        }
        connue = self.session.exec(select(Structure).where(Structure.code == ligne.code)).first()
        if connue is not None and connue.partenaire_id != partenaire and _est_payee(self.session, connue):
            raise ActeRefuse(
                f"La structure {ligne.code} a déjà été payée à un autre gestionnaire : enregistrez une nouvelle "
                f"structure pour {ligne.partenaire}, et la date de fermeture de {ligne.code}."
            )
        self._poser("structure", ligne.code, connue, Structure(**valeurs), valeurs)

    def _conventions(self, lus: FichiersReseau) -> None:
        structures = {s.code: s for s in self.session.exec(select(Structure))}
        for v in lus.conventions:
            structure = structures[v.structure]
            ancienne = self.session.exec(
                select(Convention).where(Convention.structure_id == structure.id, Convention.du == v.du)
            ).first()
            valeurs = _valeurs_de_convention(v, structure, ancienne)
            if ancienne is not None and v.au < ancienne.au:
                self.bilan.alertes += _alertes_de_raccourcissement(self.session, structure, ancienne, v.au)
            self._poser("convention", v.numero, ancienne, Convention(**valeurs), valeurs)
        for code in sorted({v.structure for v in lus.conventions}):
            self.bilan.alertes += _alertes_de_chevauchement(self.session, structures[code])

    def _adhesions(self, lus: FichiersReseau, partenaires: Mapping[str, int]) -> None:
        for a in lus.adhesions:
            valeurs = {**_donnees(a, "partenaire"), "partenaire_id": partenaires[a.partenaire]}
            connue = self.session.exec(
                select(Adhesion).where(
                    Adhesion.partenaire_id == partenaires[a.partenaire],
                    Adhesion.dispositif == a.dispositif,
                    Adhesion.du == a.du,
                )
            ).first()
            nom = f"{a.partenaire} {a.dispositif} du {en_chiffres(a.du)}"
            self._poser("adhésion", nom, connue, Adhesion(**valeurs), valeurs)

    def _poser(
        self, quoi: str, nom: str, existant: SQLModel | None, nouveau: SQLModel, valeurs: Mapping[str, Any]
    ) -> None:
        changes: list[str] = []
        if existant is None:
            self.session.add(nouveau)
            phrase = f"{quoi} {nom} : ajouté"
        else:
            changes = sorted(cle for cle, valeur in valeurs.items() if getattr(existant, cle) != valeur)
            if not changes:
                self.bilan.inchanges += 1
                return
            avant = {cle: _dire(self.session, existant, cle) for cle in changes}
            for cle in changes:
                setattr(existant, cle, valeurs[cle])
            self.session.add(existant)
            dits = [f"{_nommer(c)} {avant[c]} devient {_dire(self.session, existant, c)}" for c in changes]
            phrase = f"{quoi} {nom} : {', '.join(dits)}"
        self.session.flush()
        self.bilan.changements.append(phrase)
        inscrire(
            self.session,
            le=self.instant,
            par=self.par,
            objet=quoi,
            objet_id=nom[:NOM_AU_JOURNAL],
            action="modifier" if existant is not None else "ajouter",
            details={"champs": changes},
        )


def _est_payee(session: Session, structure: Structure) -> bool:
    """Whether something was paid or is due to a structure: a trigger then keeps its partner."""
    versements = select(Versement.id).where(
        Versement.structure_id == structure.id, Versement.etat != EtatVersement.ANNULE
    )
    return session.exec(versements.limit(1)).first() is not None


def _donnees(ligne: Ligne, *sauf: str) -> dict[str, Any]:
    """Give what a row says: a column its file lacks says nothing."""
    return ligne.model_dump(exclude=set(sauf), exclude_unset=True)


def _valeurs_de_convention(ligne: LigneConvention, structure: Structure, ancienne: Convention | None) -> dict[str, Any]:
    lues = ligne.conditions
    gardees = {} if ancienne is None else {cle: v for cle, v in ancienne.conditions.items() if cle not in lues}
    valeurs = {
        **_donnees(ligne, "structure", "forfait_territoire", *(cle for cles in CONDITIONS.values() for cle in cles)),
        "structure_id": structure.id,
        "prestation": structure.prestation,
        "forfait_territoire_centimes": int(ligne.forfait_territoire * 100),
        "hausse_places": str(ligne.hausse_places),
        "conditions": gardees | {cle: valeur for cle, valeur in lues.items() if valeur is not None},
    }
    if valeurs.get("retenue_maximale") is not None:
        valeurs["retenue_maximale"] = str(ligne.retenue_maximale)
    return valeurs


def _alertes_de_raccourcissement(session: Session, structure: Structure, convention: Convention, au: date) -> list[str]:
    """Say which payments lose, by an earlier end, the convention they were made under."""
    payes: dict[int, int] = {}
    for versement in session.exec(
        select(Versement).where(
            Versement.structure_id == structure.id,
            Versement.nature != NatureVersement.INDU,
            col(Versement.etat).in_(PAYES),
        )
    ):
        periode = periode_de(structure, versement.exercice)
        if periode.au > au and periode.du <= convention.au:
            payes[versement.exercice] = payes.get(versement.exercice, 0) + versement.montant_centimes
    if not payes:
        return []
    sommes = ", ".join(f"{formater_euros(total)} pour {exercice}" for exercice, total in sorted(payes.items()))
    return [
        f"convention {convention.numero} ({structure.code}) : sa fin passerait du {en_chiffres(convention.au)} au "
        f"{en_chiffres(au)}, alors que des versements reposent sur elle ({sommes})."
    ]


def _alertes_de_chevauchement(session: Session, structure: Structure) -> list[str]:
    siennes = [
        c for c in conventions_des_structures(session, [structure.id or 0]) if c.prestation == structure.prestation
    ]
    return [
        f"{structure.code} : les conventions {avant.numero} et {apres.numero} se chevauchent à partir du "
        f"{en_chiffres(apres.du)} ; ce jour-là et ensuite, {apres.numero} s'applique."
        for avant, apres in pairwise(siennes)
        if apres.du <= avant.au
    ]


def _nommer(cle: str) -> str:
    return cle.removesuffix("_centimes").removesuffix("_id")


def _dire(session: Session, chose: SQLModel, cle: str) -> str:
    """Write a value as the files do: a partner by its code, an amount in euros, conditions one by one."""
    valeur = getattr(chose, cle)
    if cle == "partenaire_id":
        dit = session.get_one(Partenaire, valeur).code
    elif cle.endswith("_centimes"):
        dit = formater_euros(valeur)
    elif isinstance(valeur, dict):
        dit = ", ".join(f"{nom} {en_cellule(v)}" for nom, v in sorted(valeur.items()))
    else:
        dit = en_cellule(valeur)
    return f"« {dit} »" if dit else "vide"

"""« Et si » : the rights of an exercice under other hypotheses, before and after, without writing anything."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from echanges.simulation import page_simulation, simulation_xlsx
from modeles.lecture import lecture_seule
from modeles.requetes_argent import declarations_de_l_exercice
from modeles.tables import Declaration, Structure
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte
from operations.droits import entrees_du_droit, periode_de, typer_entrees
from regles.baremes import Bareme
from regles.calcul import COMPOSANTES
from regles.calendrier import NatureEtape
from regles.etats import EtatDeclaration
from regles.simulation import (
    Cas,
    Changement,
    Enveloppe,
    HypotheseRefusee,
    LigneSimulation,
    Resultat,
    Scenario,
    additionner,
    comparer_cas,
    ecrire_parametre,
    lire_changements,
    lire_parametres,
    suggerer,
    valeur_actuelle,
)
from schemas.calcul import DemandeCalcul

MENTION = "SIMULATION"
# The best declaration of a structure: what happened, else what was revised last, else what was forecast.
RANGS = {NatureEtape.REEL: 2, NatureEtape.ACTUALISATION: 1, NatureEtape.PREVISIONNEL: 0}
Suivi = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """What is tried. `bareme` is the exercice whose barème and formulas apply, the declarations' own when None.

    `prestations` and `structures` narrow the base (all when empty). `parametres` and `reponses` are typed texts by
    key; `connu_le` is the day whose knowledge applies, the day of the simulation when None.
    """

    exercice: int
    prestations: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    parametres: Mapping[str, str] = field(default_factory=dict)
    reponses: Mapping[str, str] = field(default_factory=dict)
    bareme: int | None = None
    connu_le: date | None = None


@dataclass(frozen=True, slots=True)
class BilanSimulation:
    """Rights before and after, a line a structure. `mention`: words every figure of it carries.

    `sans_declaration`: codes of the structures of the base that declared nothing for the exercice. `sans_effet`: what
    was tried and that no right of the base reads.
    """

    hypotheses: Hypotheses
    connu_avant: date
    connu_apres: date
    essais: tuple[tuple[str, str, str], ...]
    lignes: tuple[LigneSimulation, ...]
    sans_declaration: tuple[str, ...]
    sans_effet: tuple[str, ...]
    mention: str

    @property
    def total(self) -> Enveloppe:
        """The envelope of every structure whose right is known before and after."""
        return additionner(self.lignes)

    @property
    def enveloppes(self) -> tuple[Enveloppe, ...]:
        """One envelope a prestation, in the order of their codes."""
        return tuple(additionner(self.lignes, p) for p in sorted({li.cas.prestation for li in self.lignes}))

    @property
    def mouvements(self) -> tuple[LigneSimulation, ...]:
        """The structures whose right moves, the biggest difference first."""
        bougent = [ligne for ligne in self.lignes if ligne.difference_centimes]
        return tuple(sorted(bougent, key=lambda li: (-abs(li.difference_centimes or 0), li.cas.structure)))

    @property
    def inconnues(self) -> tuple[LigneSimulation, ...]:
        """The structures whose right is unknown before or after: in no total."""
        return tuple(ligne for ligne in self.lignes if ligne.difference_centimes is None)


def lire_saisies(quoi: str, saisies: Iterable[str]) -> dict[str, str]:
    """Read « clé=valeur » texts; `quoi` names them in a refusal.

    Raises:
        ActeRefuse: a text of another shape, or a key given twice.
    """
    lues: dict[str, str] = {}
    for saisie in saisies:
        cle, egal, valeur = (morceau.strip() for morceau in saisie.partition("="))
        if not egal or not cle or not valeur:
            raise ActeRefuse(f"{quoi} : lu « {saisie} », attendu clé=valeur.")
        if cle in lues:
            raise ActeRefuse(f"{quoi} : « {cle} » est donné deux fois.")
        lues[cle] = valeur
    return lues


def simuler(
    contexte: Contexte, hypotheses: Hypotheses, jour: date | None = None, suivi: Suivi | None = None
) -> BilanSimulation:
    """Compute each structure's best current declaration of an exercice before and after; the database is only read.

    « Before » is the declaration with its own barème as known that day. `suivi` receives (done, total).

    Raises:
        ActeRefuse: an unknown key, answer, prestation, structure or barème; no declaration at all.
    """
    ce_jour = contexte.maintenant(jour).date()
    _verifier_prestations(hypotheses.prestations)
    with lecture_seule(contexte.moteur) as session:
        base, absentes = _base(session, hypotheses)
    return _simuler(bareme(contexte), contexte.reglages.mention, hypotheses, base, absentes, ce_jour, suivi)


def simuler_demande(
    bareme: Bareme, mention: str, demande: DemandeCalcul, hypotheses: Hypotheses, jour: date
) -> BilanSimulation:
    """Try hypotheses on the answers of a file, without any database.

    Raises:
        ActeRefuse: an unknown key, answer or barème.
    """
    cas = Cas("fichier", "", demande.prestation, demande.nature, demande.exercice, demande.donnees)
    return _simuler(bareme, mention, hypotheses, [cas], (), jour, None)


def _simuler(
    ici: Bareme,
    mention: str,
    hypotheses: Hypotheses,
    base: Sequence[Cas],
    absentes: tuple[str, ...],
    jour: date,
    suivi: Suivi | None,
) -> BilanSimulation:
    _verifier_bareme(ici, hypotheses.bareme)
    try:
        parametres = lire_parametres(hypotheses.parametres, ici)
        changements = lire_changements(hypotheses.reponses, sorted({cas.prestation for cas in base}))
    except HypotheseRefusee as refus:
        raise ActeRefuse(str(refus)) from None
    connu_apres = hypotheses.connu_le or jour
    avant = Scenario(ici, jour)
    apres = Scenario(ici.simuler(parametres), connu_apres, hypotheses.bareme, changements)
    lignes = []
    for rang, cas in enumerate(base, start=1):
        lignes.append(comparer_cas(cas, avant, apres))
        if suivi is not None:
            suivi(rang, len(base))
    cites = {cle for ligne in lignes for cle in ligne.apres.cites}
    return BilanSimulation(
        hypotheses=hypotheses,
        connu_avant=jour,
        connu_apres=connu_apres,
        essais=tuple(_essais(ici, hypotheses, parametres, changements, jour)),
        lignes=tuple(lignes),
        sans_declaration=absentes,
        sans_effet=tuple(cle for cle in parametres if cle not in cites),
        mention=f"{MENTION} – {mention}" if mention else MENTION,
    )


def _base(session: Session, hypotheses: Hypotheses) -> tuple[list[Cas], tuple[str, ...]]:
    structures = session.exec(select(Structure).order_by(Structure.code)).all()
    _verifier_structures(hypotheses.structures, [s.code for s in structures])
    voulues = [s for s in structures if _voulue(s, hypotheses)]
    retenues = _meilleures(session, hypotheses.exercice)
    cas = [_cas(session, s, retenues[s.id]) for s in voulues if s.id in retenues]
    if not cas:
        connus = sorted(set(session.exec(select(Declaration.exercice))))
        ou = f" (exercices déclarés : {', '.join(map(str, connus))})" if connus else ""
        raise ActeRefuse(f"Aucune déclaration de l'exercice {hypotheses.exercice} parmi les structures demandées{ou}.")
    return cas, tuple(s.code for s in voulues if s.id not in retenues)


def _voulue(structure: Structure, hypotheses: Hypotheses) -> bool:
    activite = periode_de(structure, hypotheses.exercice)
    return (
        structure.prestation in COMPOSANTES
        and (not hypotheses.prestations or structure.prestation in hypotheses.prestations)
        and (not hypotheses.structures or structure.code in hypotheses.structures)
        and activite.du <= activite.au
    )


def _meilleures(session: Session, exercice: int) -> dict[int | None, Declaration]:
    """Give the declaration that says most of each structure: the highest nature, received last."""
    etats = (EtatDeclaration.RECUE, EtatDeclaration.VALIDEE)
    courantes = [d for d, _, _ in declarations_de_l_exercice(session, exercice, etats) if d.nature in RANGS]
    courantes.sort(key=lambda d: (RANGS[NatureEtape(d.nature)], d.recue_le, d.id or 0))
    return {d.structure_id: d for d in courantes}


def _cas(session: Session, structure: Structure, declaration: Declaration) -> Cas:
    return Cas(
        structure=structure.code,
        nom=structure.nom,
        prestation=declaration.prestation,
        nature=declaration.nature,
        exercice=declaration.exercice,
        donnees=typer_entrees(declaration.prestation, entrees_du_droit(session, declaration, structure)),
        recue=declaration.etat is EtatDeclaration.RECUE,
    )


def _verifier_prestations(prestations: Sequence[str]) -> None:
    for prestation in prestations:
        if prestation not in COMPOSANTES:
            raise ActeRefuse(f"Prestation inconnue : « {prestation} »{suggerer(prestation, sorted(COMPOSANTES))}")


def _verifier_structures(voulues: Sequence[str], connues: Sequence[str]) -> None:
    for code in voulues:
        if code not in connues:
            raise ActeRefuse(f"Structure inconnue : « {code} »{suggerer(code, connues)}")


def _verifier_bareme(ici: Bareme, exercice: int | None) -> None:
    if exercice is None:
        return
    connus = sorted({annee for v in ici.valeurs for annee in range(v.du.year, v.au.year + 1)})
    if exercice not in connus:
        raise ActeRefuse(
            f"Aucun barème n'est enregistré pour l'exercice {exercice} (connus : {', '.join(map(str, connus))})."
        )


def _essais(
    ici: Bareme,
    hypotheses: Hypotheses,
    parametres: Mapping[str, str],
    changements: Sequence[Changement],
    jour: date,
) -> list[tuple[str, str, str]]:
    """Say each hypothesis: what it is about, before, after."""
    essais = []
    if hypotheses.bareme is not None:
        essais.append(("Barème appliqué", f"celui de {hypotheses.exercice}", f"celui de {hypotheses.bareme}"))
    if hypotheses.connu_le is not None:
        essais.append(("Connaissance du barème au", f"{jour:%d/%m/%Y}", f"{hypotheses.connu_le:%d/%m/%Y}"))
    for cle, texte in parametres.items():
        actuelle = valeur_actuelle(ici, cle, hypotheses.exercice, jour)
        essais.append((f"{ici.definitions[cle].libelle} ({cle})", actuelle, ecrire_parametre(ici, cle, texte)))
    return [*essais, *((c.libelle, "comme déclaré", c.ecriture) for c in changements)]


def en_valeurs(bilan: BilanSimulation) -> dict[str, Any]:
    """Give the whole simulation as JSON values: amounts in cents, dates in ISO form."""
    natures = Counter(ligne.cas.nature for ligne in bilan.lignes)
    return {
        "mention": bilan.mention,
        "exercice": bilan.hypotheses.exercice,
        "connu_avant": bilan.connu_avant.isoformat(),
        "connu_apres": bilan.connu_apres.isoformat(),
        "hypotheses": [{"quoi": quoi, "avant": avant, "apres": apres} for quoi, avant, apres in bilan.essais],
        "base": {
            "structures": len(bilan.lignes),
            "natures": {str(nature): natures[nature] for nature in RANGS if natures[nature]},
            "non_validees": sum(ligne.cas.recue for ligne in bilan.lignes),
            "sans_declaration": list(bilan.sans_declaration),
        },
        "enveloppes": [_enveloppe(enveloppe) for enveloppe in bilan.enveloppes],
        "total": _enveloppe(bilan.total),
        "lignes": [_ligne(ligne) for ligne in bilan.lignes],
        "mouvements": [ligne.cas.structure for ligne in bilan.mouvements],
        "inconnues": [ligne.cas.structure for ligne in bilan.inconnues],
        "sans_effet": list(bilan.sans_effet),
    }


def _enveloppe(enveloppe: Enveloppe) -> dict[str, Any]:
    return {
        "prestation": enveloppe.prestation,
        "structures": enveloppe.structures,
        "avant_centimes": enveloppe.avant_centimes,
        "apres_centimes": enveloppe.apres_centimes,
        "difference_centimes": enveloppe.difference_centimes,
        "inconnues": enveloppe.inconnues,
    }


def _ligne(ligne: LigneSimulation) -> dict[str, Any]:
    def manque(resultat: Resultat) -> list[str]:
        return list(resultat.manque) if resultat.centimes is None else []

    return {
        "structure": ligne.cas.structure,
        "nom": ligne.cas.nom,
        "prestation": ligne.cas.prestation,
        "nature": ligne.cas.nature,
        "validee": not ligne.cas.recue,
        "avant_centimes": ligne.avant.centimes,
        "apres_centimes": ligne.apres.centimes,
        "difference_centimes": ligne.difference_centimes,
        "manque_avant": manque(ligne.avant),
        "manque_apres": manque(ligne.apres),
    }


def dossier_de(contexte: Contexte, bilan: BilanSimulation) -> Path:
    """Give the folder of a simulation under var/simulations: the same question on the same day, the same folder."""
    question = repr((bilan.hypotheses, bilan.essais, bilan.connu_avant))
    empreinte = hashlib.sha256(question.encode()).hexdigest()[:8]
    return contexte.reglages.var / "simulations" / f"{bilan.hypotheses.exercice}-{bilan.connu_avant}-{empreinte}"


def ecrire_fichiers(bilan: BilanSimulation, dossier: Path) -> tuple[Path, ...]:
    """Write the printable page and the workbook of a simulation in a folder; give their paths.

    Raises:
        ActeRefuse: a folder that cannot be written.
    """
    valeurs = en_valeurs(bilan)
    prefixe = "" if bilan.mention == MENTION else "DEMONSTRATION-"
    octets = {".html": page_simulation(valeurs).encode("utf-8"), ".xlsx": simulation_xlsx(valeurs)}
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        chemins = []
        for suffixe, contenu in octets.items():
            chemin = dossier / f"{prefixe}simulation-{bilan.hypotheses.exercice}{suffixe}"
            chemin.write_bytes(contenu)
            chemins.append(chemin)
    except OSError:
        raise ActeRefuse(f"« {dossier} » ne s'écrit pas : vérifiez le chemin et les droits d'accès.") from None
    return tuple(chemins)

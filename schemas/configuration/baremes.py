"""The barèmes: what each parameter is, its values per exercice, and the invented values of the demonstration.

`config/baremes/parametres.yaml` defines, `sources.yaml` names the sources, `<exercice>.yaml` gives the values, which
apply to the civil year of their file. Between the first and the last complete exercice nothing may be missing: what
is not known is written `statut: inconnu`. `confirmations.yaml` holds what people confirmed since, `verrous.yaml` the
exercices that are closed: their values must be those that were locked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import model_validator

from regles.baremes import Bareme, DefinitionParametre, ErreurDeBareme, Statut, ValeurDatee, lire_valeur
from schemas.configuration.confirmations import lire_confirmations, refuser, trouver_confirmee
from schemas.configuration.verrous import ValeurSaisie, Verrou, empreinte_des_valeurs, lire_verrous
from schemas.configuration.verrous import refuser as refuser_verrou
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

SOURCE_DEMONSTRATION = "valeur inventée pour la démonstration"
STATUTS_SAISIS = frozenset({Statut.PUBLIE, Statut.DEDUIT, Statut.A_CONFIRMER, Statut.INCONNU})


class _Definition(ModeleStrict):
    libelle: str
    unite: str
    type: Literal["decimal", "entier", "texte"]
    prestation: str
    choix: tuple[str, ...] = ()
    depuis: int | None = None
    jusqu_a: int | None = None

    def existe_en(self, exercice: int) -> bool:
        return (self.depuis is None or self.depuis <= exercice) and (self.jusqu_a is None or exercice <= self.jusqu_a)

    def en_regle(self, cle: str) -> DefinitionParametre:
        return DefinitionParametre(cle, self.libelle, self.unite, self.type, self.prestation, self.choix)


class _Definitions(ModeleStrict):
    parametres: dict[str, _Definition]


class _Sources(ModeleStrict):
    sources: dict[str, str]


class _Valeur(ValeurSaisie):
    @model_validator(mode="after")
    def _coherente(self) -> Self:
        if self.statut not in STATUTS_SAISIS:
            raise ValueError(f"le statut « {self.statut} » ne s'écrit pas dans un barème")
        if self.statut is Statut.INCONNU and self.valeur is not None:
            raise ValueError("un paramètre au statut « inconnu » ne porte pas de valeur")
        if self.statut is not Statut.INCONNU and self.valeur is None:
            raise ValueError(f"valeur manquante : le statut « {self.statut} » en demande une (ou écrire « inconnu »)")
        return self


class _Exercice(ModeleStrict):
    exercice: int
    complet: bool
    valeurs: dict[str, tuple[_Valeur, ...]]

    @property
    def empreinte(self) -> str:
        return empreinte_des_valeurs(self.exercice, self.valeurs)


class _ValeurInventee(ModeleStrict):
    exercices: tuple[int, ...]
    valeur: str


class _Demonstration(ModeleStrict):
    valeurs: dict[str, _ValeurInventee]


def charger_bareme(config: Path, *, demonstration: bool, a_clore: int | None = None) -> Bareme:
    """Read the barème of the `config` folder, with the demonstration values when asked.

    In demonstration nobody confirms anything: invented values stand in, and the confirmations are left aside. The lock
    of `a_clore` is left aside too: that exercice is about to be closed again.

    Raises:
        ErreurDeConfiguration: with the file, the line and the reason, in French.
    """
    dossier = config / "baremes"
    definitions = charger(dossier / "parametres.yaml", _Definitions).parametres
    sources = charger(dossier / "sources.yaml", _Sources).sources
    exercices = _lire_fichiers(dossier)
    _verifier_annees(exercices)
    _verifier_verrous(dossier, exercices, a_clore)
    valeurs = [
        valeur
        for fichier, exercice in exercices.items()
        for valeur in _lire_exercice(fichier, exercice, definitions, sources)
    ]
    regles = [d.en_regle(cle) for cle, d in definitions.items()]
    if demonstration:
        return _completer(Bareme(regles, valeurs), config / "demonstration" / "bareme.yaml", definitions)
    return Bareme(regles, [*valeurs, *_confirmees(dossier, valeurs)])


class AClore(NamedTuple):
    """The fingerprint of the values of an exercice, and whether nothing is missing from them."""

    empreinte: str
    est_complet: bool


def lire_a_clore(config: Path, exercice: int) -> AClore | None:
    """Give what a lock of the exercice would hold; None without its file.

    Before the first complete exercice an incomplete one counts as complete: what is known of it is all that will be.

    Raises:
        ErreurDeConfiguration: an unreadable barème.
    """
    contenus = {c.exercice: c for c in _lire_fichiers(config / "baremes").values()}
    contenu = contenus.get(exercice)
    if contenu is None:
        return None
    premier = min((c.exercice for c in contenus.values() if c.complet), default=exercice)
    return AClore(contenu.empreinte, contenu.complet or exercice < premier)


def _lire_fichiers(dossier: Path) -> dict[Path, _Exercice]:
    fichiers = sorted(dossier.glob("[0-9][0-9][0-9][0-9].yaml"))
    return {fichier: charger(fichier, _Exercice) for fichier in fichiers}


def _verifier_verrous(dossier: Path, exercices: Mapping[Path, _Exercice], a_clore: int | None) -> None:
    """Refuse a closed exercice whose values moved, or whose file is gone. The last lock of an exercice counts."""
    derniers: dict[int, tuple[int, Verrou]] = {v.exercice: (rang, v) for rang, v in enumerate(lire_verrous(dossier))}
    for annee, (rang, verrou) in derniers.items():
        fichier = dossier / f"{annee}.yaml"
        contenu = exercices.get(fichier)
        if contenu is None:
            raise refuser_verrou(
                dossier, rang, f"l'exercice {annee} est clos, et son barème manque : remettre {fichier.name} en place"
            )
        if annee != a_clore and contenu.empreinte != verrou.empreinte:
            raise _refuser(
                fichier,
                ("exercice",),
                f"les valeurs de {annee}, exercice clos le {verrou.clos_le:%d/%m/%Y} par {verrou.clos_par}, ont changé "
                "depuis : les remettre comme elles étaient ou, si le changement est voulu, clore à nouveau en disant "
                f"pourquoi (campagnes baremes clore {annee} --par PERSONNE --motif TEXTE)",
            )


def _confirmees(dossier: Path, valeurs: list[ValeurDatee]) -> Iterator[ValeurDatee]:
    """Give each confirmed value anew, sure from the day of its confirmation."""
    for rang, confirmation in enumerate(lire_confirmations(dossier)):
        try:
            base = trouver_confirmee(valeurs, confirmation)
        except ErreurDeBareme as erreur:
            raise refuser(dossier, rang, str(erreur)) from None
        yield replace(
            base,
            statut=Statut.CONFIRME,
            source=f"{confirmation.source} ; confirmé par {confirmation.par} le {confirmation.le:%d/%m/%Y}",
            connu_le=confirmation.le,
            confirme_par=confirmation.par,
        )


def _refuser(fichier: Path, chemin: Chemin, raison: str) -> ErreurDeConfiguration:
    return ErreurDeConfiguration(fichier, lire_yaml(fichier)[1].get(chemin, 0), raison)


def _verifier_annees(exercices: Mapping[Path, _Exercice]) -> None:
    """Refuse a file named after another year, and a year missing between two complete ones."""
    for fichier, contenu in exercices.items():
        if fichier.stem != str(contenu.exercice):
            raise _refuser(fichier, ("exercice",), f"l'exercice {contenu.exercice} n'est pas celui du nom du fichier")
    complets = sorted(contenu.exercice for contenu in exercices.values() if contenu.complet)
    for avant, apres in pairwise(complets):
        if apres != avant + 1:
            fichier = next(f for f, contenu in exercices.items() if contenu.exercice == apres)
            raise _refuser(fichier, ("exercice",), f"il manque un barème complet entre {avant} et {apres}")


def _lire_exercice(
    fichier: Path, contenu: _Exercice, definitions: Mapping[str, _Definition], sources: Mapping[str, str]
) -> Iterator[ValeurDatee]:
    annee = contenu.exercice
    for cle, entrees in contenu.valeurs.items():
        definition = _definition(fichier, cle, definitions, annee)
        jours: set[date] = set()
        for rang, entree in enumerate(entrees):
            chemin: Chemin = ("valeurs", cle, rang)
            if entree.source not in sources:
                raise _refuser(fichier, (*chemin, "source"), f"source inconnue : « {entree.source} »")
            if entree.connu_le in jours:
                raise _refuser(
                    fichier, chemin, f"{cle} : deux valeurs connues le même jour ({entree.connu_le:%d/%m/%Y})"
                )
            jours.add(entree.connu_le)
            source = sources[entree.source] + (f" ; {entree.note}" if entree.note else "")
            yield ValeurDatee(
                cle,
                date(annee, 1, 1),
                date(annee, 12, 31),
                None if entree.valeur is None else _valeur(fichier, chemin, definition, cle, entree.valeur),
                entree.statut,
                source,
                entree.connu_le,
            )
    if contenu.complet:
        for cle, definition in definitions.items():
            if definition.existe_en(annee) and not contenu.valeurs.get(cle):
                raise _refuser(
                    fichier, ("valeurs",), f"{cle} : aucune valeur pour {annee} (écrire au besoin « inconnu »)"
                )


def _definition(fichier: Path, cle: str, definitions: Mapping[str, _Definition], annee: int) -> _Definition:
    definition = definitions.get(cle)
    if definition is None:
        raise _refuser(fichier, ("valeurs", cle), f"paramètre non défini dans parametres.yaml : {cle}")
    if not definition.existe_en(annee):
        raise _refuser(fichier, ("valeurs", cle), f"{cle} n'existe pas pour l'exercice {annee}")
    return definition


def _valeur(fichier: Path, chemin: Chemin, definition: _Definition, cle: str, texte: str) -> Decimal | str:
    try:
        return lire_valeur(definition.en_regle(cle), texte)
    except ErreurDeBareme as erreur:
        raise _refuser(fichier, (*chemin, "valeur"), str(erreur)) from None


def _completer(bareme: Bareme, fichier: Path, definitions: Mapping[str, _Definition]) -> Bareme:
    for cle, inventee in charger(fichier, _Demonstration).valeurs.items():
        chemin: Chemin = ("valeurs", cle)
        valeurs = [
            ValeurDatee(
                cle,
                date(annee, 1, 1),
                date(annee, 12, 31),
                _valeur(fichier, chemin, _definition(fichier, cle, definitions, annee), cle, inventee.valeur),
                Statut.DEMONSTRATION,
                SOURCE_DEMONSTRATION,
                date.min,
            )
            for annee in inventee.exercices
        ]
        try:
            bareme = bareme.completer(valeurs)
        except ErreurDeBareme as erreur:
            raise _refuser(fichier, chemin, str(erreur)) from None
    return bareme

"""How the steps are run, as data: config/demarches.yaml, a step's own words over its nature's over the default."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, time
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import holidays
from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from regles.calendrier import COURRIELS_AU_PLUS, Etape, NatureEtape, PlanRelances, compter_courriels
from regles.demarches import Audience, Demarche, Mots, PieceAttendue
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

RELANCES_AU_PLUS = 3
SANS_DESTINATAIRES = (
    NatureEtape.COMMISSION,
    NatureEtape.VERSEMENT,
)  # who is concerned is known by their requests, dues
ROLES = ("administrateur", "direction", "petite_enfance", "comptabilite", "correspondant")
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class RelancesFichier(ModeleStrict):
    """When reminders leave; what is left out comes from above. `heure` is local.

    `ouverture`: days from the limit at which a step opens when its source gives no opening. `delai_appel`: working days
    to phone after the last reminder.
    """

    ouverture: Annotated[int, Field(ge=-200, lt=0)] | None = None
    decalages: tuple[int, ...] | None = None
    heure: str | None = None
    delai_cloture: Annotated[int, Field(ge=0, le=90)] | None = None
    jours_ouvres: bool | None = None
    delai_appel: Annotated[int, Field(ge=1, le=20)] | None = None

    @field_validator("decalages")
    @classmethod
    def _peu_de_relances(cls, valeur: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if valeur is not None and (len(valeur) > RELANCES_AU_PLUS or len(set(valeur)) < len(valeur)):
            raise ValueError(f"au plus {RELANCES_AU_PLUS} relances, à des jours différents")
        return valeur

    @field_validator("heure")
    @classmethod
    def _heure_ouvrable(cls, valeur: str | None) -> str | None:
        if valeur is not None and not re.fullmatch(r"(0[6-9]|1\d|20):[0-5]\d", valeur):
            raise ValueError(f"une heure entre 06:00 et 20:59 est attendue, entre guillemets : {valeur!r}")
        return valeur


class DestinatairesFichier(ModeleStrict):
    """Who is expected: exactly one of the three."""

    prestations: tuple[str, ...] = ()
    dispositif: Code | None = None
    tous: bool = False

    @model_validator(mode="after")
    def _un_seul(self) -> Self:
        if sum((bool(self.prestations), self.dispositif is not None, self.tous)) != 1:
            raise ValueError("dire « prestations », « dispositif » ou « tous: true », un seul des trois")
        return self

    def en_audience(self) -> Audience:
        """Give the domain's audience."""
        return Audience(self.prestations, self.dispositif or "")


class PieceFichier(ModeleStrict):
    """A document expected."""

    code: Code
    libelle: Texte
    obligatoire: bool


class MotsFichier(ModeleStrict):
    """The team's own paragraphs."""

    ouverture: Texte | None = None
    relance: Texte | None = None
    apres: Texte | None = None


class DemarcheFichier(ModeleStrict):
    """What is said of a nature or of a step; what is left out comes from above."""

    relances: RelancesFichier = RelancesFichier()
    destinataires: DestinatairesFichier | None = None
    facultative: bool | None = None
    pieces: tuple[PieceFichier, ...] | None = None
    roles: tuple[str, ...] | None = None
    mots: MotsFichier = MotsFichier()

    @field_validator("pieces")
    @classmethod
    def _codes_differents(cls, valeur: tuple[PieceFichier, ...] | None) -> tuple[PieceFichier, ...] | None:
        codes = [piece.code for piece in valeur or ()]
        if len(set(codes)) < len(codes):
            raise ValueError("deux pièces portent le même code")
        if valeur is not None and not any(piece.obligatoire for piece in valeur):
            raise ValueError("une pièce au moins est obligatoire")
        return valeur

    @field_validator("roles")
    @classmethod
    def _roles_connus(cls, valeur: tuple[str, ...] | None) -> tuple[str, ...] | None:
        inconnus = [role for role in valeur or () if role not in ROLES]
        if inconnus:
            raise ValueError(f"rôle inconnu : « {inconnus[0]} » ({', '.join(ROLES)})")
        return valeur


class FichiersFichier(ModeleStrict):
    """What a document of a dossier may be: its formats, and its size in megabytes."""

    formats: Annotated[tuple[Literal["pdf", "docx", "xlsx", "odt", "ods", "jpg", "png"], ...], Field(min_length=1)]
    taille_mo: Annotated[int, Field(ge=1, le=50)]


class Demarches(ModeleStrict):
    """Content of config/demarches.yaml."""

    fichiers: FichiersFichier
    dispositifs: dict[Code, Texte]
    defaut: DemarcheFichier
    natures: dict[NatureEtape, DemarcheFichier]
    etapes: dict[str, DemarcheFichier]

    @field_validator("defaut", "natures", "etapes")
    @classmethod
    def _une_relance_suit_la_limite(cls, valeur: Any, info: ValidationInfo) -> Any:
        """Check every plan but that of a sitting, whose cut-off leaves nothing to come after."""
        dits = {None: valeur} if isinstance(valeur, DemarcheFichier) else valeur
        for cle, demarche in dits.items():
            decalages = demarche.relances.decalages
            if decalages and cle is not NatureEtape.COMMISSION and max(decalages) <= 0:
                ou = f"{info.field_name}.{cle}" if cle else info.field_name
                raise ValueError(f"« {ou} » : une relance suit la limite (décalage positif), celle qui fait répondre")
        return valeur

    @model_validator(mode="after")
    def _defaut_entier(self) -> Self:
        plan = self.defaut.relances
        if None in (plan.decalages, plan.heure, plan.delai_cloture, plan.jours_ouvres, plan.delai_appel):
            raise ValueError("« defaut.relances » donne decalages, heure, delai_cloture, jours_ouvres et delai_appel")
        return self

    def demarche(self, etape: Etape) -> Demarche:
        """Give how a step is run, everything resolved."""
        sienne = self.etapes.get(etape.id)
        couches = [c for c in (sienne, self.natures.get(etape.nature), self.defaut) if c is not None]
        return Demarche(
            plan=_plan(couches),
            audience=_audience(sienne, couches, etape),
            facultative=bool(next((c.facultative for c in couches if c.facultative is not None), False)),
            pieces=tuple(
                PieceAttendue(p.code, p.libelle, p.obligatoire)
                for p in next((c.pieces for c in couches if c.pieces is not None), ())
            ),
            roles=next((c.roles for c in couches if c.roles is not None), ()),
            mots=Mots(*(_mot(couches, champ) for champ in ("ouverture", "relance", "apres"))),
        )

    def sans_public(self, etape: Etape) -> str:
        """Say that a step would write to nobody, "" when somebody is expected or nobody is ever written to."""
        suivie = self.demarche(etape)
        if etape.nature in SANS_DESTINATAIRES or etape.prestations or (suivie.par_dossier and suivie.audience):
            return ""
        return (
            f"« {etape.id} » n'attend personne : ni « prestations » ici, ni « destinataires » avec ses pièces sous "
            "« etapes » de demarches.yaml (« campagnes calendrier preparer » en donne les lignes)"
        )

    def a_tous_par_defaut(self, etape: Etape) -> str:
        """Say that a step would write to every partner because nothing is said of it alone, "" otherwise."""
        dite = self.etapes.get(etape.id)
        if self.demarche(etape).audience != Audience() or (dite is not None and dite.destinataires is not None):
            return ""
        return (
            f"« {etape.id} » écrira à tous les partenaires, faute de « destinataires » à elle : si c'est voulu, "
            "dites-le sous « etapes » de demarches.yaml (« destinataires: {tous: true} »)"
        )


def _plan(couches: list[DemarcheFichier]) -> PlanRelances:
    lues = [c.relances for c in couches]
    jours_ouvres = next(r.jours_ouvres for r in lues if r.jours_ouvres is not None)
    return PlanRelances(
        next(r.decalages for r in lues if r.decalages is not None),
        time.fromisoformat(next(r.heure for r in lues if r.heure is not None)),
        next(r.delai_cloture for r in lues if r.delai_cloture is not None),
        feries() if jours_ouvres else None,
        next((r.ouverture for r in lues if r.ouverture is not None), None),
        next(r.delai_appel for r in lues if r.delai_appel is not None),
    )


def _audience(sienne: DemarcheFichier | None, couches: list[DemarcheFichier], etape: Etape) -> Audience | None:
    """Take what is said of the step alone (`sienne`), then its own prestations, then what is said of its nature."""
    if etape.prestations and (sienne is None or sienne.destinataires is None):
        return Audience(etape.prestations)
    dite = next((c.destinataires for c in couches if c.destinataires is not None), None)
    return None if dite is None else dite.en_audience()


def _mot(couches: list[DemarcheFichier], champ: str) -> str:
    return next((mot for c in couches if (mot := getattr(c.mots, champ)) is not None), "")


@lru_cache
def feries(debut: int = 2020, fin: int = 2040) -> frozenset[date]:
    """Give the public holidays of metropolitan France, from the library that follows the law."""
    return frozenset(holidays.country_holidays("FR", years=range(debut, fin + 1)))


def charger_demarches(fichier: Path, etapes: Mapping[str, Etape], prestations: Collection[str]) -> Demarches:
    """Read how the steps are run.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: unknown step, prestation or local scheme.
    """
    lu = charger(fichier, Demarches)
    _, lignes = lire_yaml(fichier)

    def refuser(raison: str, *chemin: str | int) -> None:
        raise ErreurDeConfiguration(fichier, lignes.get(chemin, 0), raison)

    for identifiant in lu.etapes:
        if identifiant not in etapes:
            refuser(f"aucun calendrier ne porte l'étape « {identifiant} »", "etapes", identifiant)
    for partie, demarches in (("natures", lu.natures), ("etapes", lu.etapes)):
        for nom, demarche in demarches.items():
            dits = demarche.destinataires
            chemin = (partie, nom, "destinataires")
            if dits is not None and dits.dispositif is not None and dits.dispositif not in lu.dispositifs:
                refuser(f"dispositif inconnu : « {dits.dispositif} » (le nommer sous « dispositifs »)", *chemin)
            for code in dits.prestations if dits is not None else ():
                if code not in prestations:
                    refuser(f"prestation inconnue : « {code} »", *chemin)
    return lu


def courriels_de_trop(fichier: Path, lues: Demarches, etapes: Iterable[Etape]) -> Iterator[ErreurDeConfiguration]:
    """Give each step that would write too often to who never answers, at the line of the reminders it takes."""
    _, lignes = lire_yaml(fichier)
    for etape in etapes:
        plan = lues.demarche(etape).plan
        nombre = compter_courriels(etape, plan)
        if nombre > COURRIELS_AU_PLUS:
            publiee = f" et la relance publiée du {etape.derniere_relance:%d/%m/%Y}" if etape.derniere_relance else ""
            raison = (
                f"« decalages » ({', '.join(map(str, plan.decalages))}) ferait {nombre} courriels automatiques pour "
                f"« {etape.id} », avec son ouverture{publiee} : {COURRIELS_AU_PLUS} au plus. Retirez une relance."
            )
            yield ErreurDeConfiguration(fichier, lignes.get(_ou_sont_dits(lues, etape), 0), raison)


def _ou_sont_dits(lues: Demarches, etape: Etape) -> Chemin:
    """Give where the reminders of a step are said: of it alone, of its nature, or by default."""
    parts: tuple[tuple[Chemin, DemarcheFichier | None], ...] = (
        (("etapes", etape.id), lues.etapes.get(etape.id)),
        (("natures", etape.nature.value), lues.natures.get(etape.nature)),
        (("defaut",), lues.defaut),
    )
    ou = next(chemin for chemin, dite in parts if dite is not None and dite.relances.decalages is not None)
    return (*ou, "relances", "decalages")

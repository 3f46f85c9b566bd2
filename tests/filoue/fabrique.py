"""Filoué files for the tests: a sound one, and each mistake planted alone in a sound file of ten children."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from demonstration.filoue import HABITUDES, Enfant, Habitude, Retouches, ecrire, inventer
from modeles.base import transaction
from modeles.requetes import structure_par_code
from modeles.tables import Declaration
from operations.contexte import Contexte
from operations.filoue.cles import chemin_de_la_cle, creer_cle
from operations.filoue.depot import deposer
from operations.filoue.instruction import LigneFiloue, instruire
from regles.etats import EtatDeclaration
from regles.filoue import StructureAttendue
from tests.fabrique import poser_structure

EXERCICE = 2025
PAR, JOUR = "c.martin", date(2026, 4, 20)
ATTENDU = StructureAttendue("EAJE01", EXERCICE, code_organisme="521", dossier_afc="200100042", idequ="5200077")
DEUXIEME, TROISIEME = 2, 3  # lines of the file

# One anomaly per line, at most the column it stands in; each keeps the rest of the file sound.
ALERTES: Mapping[str, Retouches] = {
    "matricule mal formé": Retouches({(DEUXIEME, "MATRICULE"): "12A4567"}),
    "matricule à clé": Retouches({(DEUXIEME, "MATRICULE"): "1234567K"}),
    "allocataire sans matricule": Retouches({(DEUXIEME, "MATRICULE"): ""}),
    "top allocataire inconnu": Retouches({(DEUXIEME, "TOP_ALLOC"): "O"}),
    "régime inconnu": Retouches({(DEUXIEME, "REGIME"): "7"}),
    "né après son premier jour": Retouches({(DEUXIEME, "DATE_NAISSANCE_INDIVIDU"): "30/12/2025"}),
    "plus de six ans": Retouches({(DEUXIEME, "DATE_NAISSANCE_INDIVIDU"): "02/01/2012"}),
    "naissance illisible": Retouches({(DEUXIEME, "DATE_NAISSANCE_INDIVIDU"): "31/02/2023"}),
    "code postal mal formé": Retouches({(DEUXIEME, "CODE_POSTAL_FAMILLE"): "5210"}),
    "premier jour après le dernier": Retouches(
        {(DEUXIEME, "PREMIERJOUR"): "01/12/2025", (DEUXIEME, "DERNIERJOUR"): "01/11/2025"}
    ),
    "dernier jour hors de l’année": Retouches({(DEUXIEME, "DERNIERJOUR"): "05/01/2026"}),
    "réalisées au-dessus des facturées": Retouches({(DEUXIEME, "NOMBRE_HEURES_REALISEES"): "99999.00"}),
    "montant horaire faux": Retouches({(DEUXIEME, "MONTANT_HORAIRE"): "9.99"}),
    "taux hors du barème": Retouches({(DEUXIEME, "TAUX_EFFORT"): "0.0777"}),
    "taux vide": Retouches({(DEUXIEME, "TAUX_EFFORT"): ""}),
    "heures illisibles": Retouches({(DEUXIEME, "NOMBRE_HEURES_FACTUREES"): "environ cent"}),
    "heures négatives": Retouches({(DEUXIEME, "NOMBRE_HEURES_FACTUREES"): "-12.00"}),
    "doublon": Retouches(doubler=(TROISIEME,)),
}

# The file as a whole: each is refused.
AUTRE_ANNEE = {(ligne, jour): "02/01/2023" for ligne in range(2, 12) for jour in ("PREMIERJOUR", "DERNIERJOUR")}
BLOCAGES: Mapping[str, Retouches] = {
    "autre Caf": Retouches({(ligne, "NUMERO_CAF"): "999" for ligne in range(2, 12)}),
    "autre dossier": Retouches({(ligne, "NUMERO_DOSSIER_AFC"): "111111111" for ligne in range(2, 12)}),
    "autre IDEQU": Retouches({(ligne, "IDEQU"): "5299999" for ligne in range(2, 12)}),
    "autre année": Retouches(AUTRE_ANNEE),
    "deux structures dans un fichier": Retouches({(DEUXIEME, "NUMERO_DOSSIER_AFC"): "111111111"}),
    "en-tête inconnu": Retouches(entete={"MATRICULE": "NUM_ALLOCATAIRE"}),
    "colonne en double": Retouches(entete={"VILLE_FAMILLE": "REGIME"}),
}


def dix_enfants(sujet: str = "dix") -> tuple[Enfant, ...]:
    """Ten sound children."""
    return inventer(10, EXERCICE, sujet)


def fichier(
    retouches: Retouches | None = None,
    habitude: Habitude = HABITUDES["v3_point"],
    attendu: StructureAttendue = ATTENDU,
) -> bytes:
    """A file of ten children, sound but for the retouches."""
    return ecrire(dix_enfants(attendu.code), attendu, habitude, retouches or Retouches())


def fichiers_hostiles() -> Mapping[str, bytes]:
    """Bytes that are no readable Filoué file, though some look like one."""
    sain = fichier()
    entete = sain.splitlines()[0]
    return {
        "vide": b"",
        "sans ligne": entete + b"\n",
        "binaire": bytes(range(256)) * 40,
        "zéros": b"\x00" * 4096,
        "guillemet ouvert": entete + b'\n521;200100042;5200077;1;"0123456;1;01/02/2023\n',
        "trop de colonnes": entete + b"\n" + b";".join([b"x"] * 400),
        "ligne courte": entete + b"\n521;200100042\n",
        "virgules": sain.replace(b";", b","),
        "tronqué": sain[: len(sain) * 3 // 4],
        "utf-16": sain.decode().encode("utf-16"),
        "formules": sain.replace(b"CHAUMONT", b"=cmd|' /C calc'!A0"),
    }


def attendu_de(code: str) -> StructureAttendue:
    """What the file of a crèche posed by `poser_creche` must say of itself."""
    rang = int("".join(c for c in code if c.isdigit()))
    return replace(ATTENDU, code=code, dossier_afc=f"2001000{rang:02d}", idequ=f"52000{rang:02d}")


def poser_creche(contexte: Contexte, code: str, epci: str = "CA de Chaumont") -> StructureAttendue:
    """Record a crèche with its Filoué identifiers; the key is made with the first one."""
    attendu = attendu_de(code)
    poser_structure(contexte, code)
    with transaction(contexte.moteur) as session:
        structure = structure_par_code(session, code)
        assert structure is not None
        structure.epci, structure.dossier_afc, structure.idequ = epci, attendu.dossier_afc, attendu.idequ
    if not chemin_de_la_cle(contexte).exists():
        creer_cle(contexte)
    return attendu


def recevoir(contexte: Contexte, code: str, octets: bytes, jour: date = JOUR) -> LigneFiloue:
    """Deposit a file and have it read."""
    chemin = contexte.reglages.var / "a_deposer.csv"
    chemin.write_bytes(octets)
    deposer(contexte, chemin, PAR, structure=code, jour=jour)
    chemin.unlink()
    (ligne,) = instruire(contexte, jour).lignes
    return ligne


def declarer_reel(contexte: Contexte, code: str, donnees: Mapping[str, str], rang: int = 1) -> None:
    """Record the réel of a crèche."""
    with transaction(contexte.moteur) as session:
        structure = structure_par_code(session, code)
        assert structure is not None
        session.add(
            Declaration(
                structure_id=structure.id or 0,
                prestation="EAJE",
                nature="reel",
                exercice=EXERCICE,
                etape=f"reels-2025-{rang}",
                origine="test",
                donnees=dict(donnees),
                recue_le=contexte.maintenant(JOUR),
                etat=EtatDeclaration.RECUE,
            )
        )

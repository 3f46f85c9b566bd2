"""Triggers of the Filoué files, as migration 0003 installs them beside those of 0002. Frozen with it."""

from modeles.gardes import Garde, inchangees, intouchable

GARDES: tuple[Garde, ...] = (
    *intouchable("anomaliefilouelue", "une anomalie"),
    Garde("garde_fichierfiloue_delete", "fichierfiloue", "DELETE", "1 = 1", "un fichier Filoué ne s'efface pas"),
    Garde("garde_fichierfiloue_insert", "fichierfiloue", "INSERT", "NEW.etat <> 'recu'", "un fichier naît reçu"),
    Garde(
        "garde_fichierfiloue_update",
        "fichierfiloue",
        "UPDATE",
        inchangees("structure_id", "etape", "exercice", "origine", "recu_le", "sha256", "taille", "empreinte_cle"),
        "l'origine d'un fichier Filoué ne change pas",
    ),
    Garde(
        "garde_fichierfiloue_lecture",
        "fichierfiloue",
        "UPDATE",
        "OLD.etat <> 'recu' AND ("
        + inchangees("version", "donnees", "lignes", "alertes", "oppositions", "motif")
        + " OR CAST(NEW.sommes AS TEXT) <> CAST(OLD.sommes AS TEXT))",
        "un fichier Filoué lu ne se réécrit pas",
    ),
    Garde(
        "garde_fichierfiloue_octets",
        "fichierfiloue",
        "UPDATE",
        "NEW.octets_chiffres IS DISTINCT FROM OLD.octets_chiffres AND NEW.octets_chiffres IS NOT NULL",
        "les octets d'un fichier Filoué ne changent pas : ils s'effacent",
    ),
    Garde(
        "garde_fichierfiloue_effacement",
        "fichierfiloue",
        "UPDATE",
        "OLD.efface_le IS NOT NULL AND NEW.efface_le IS DISTINCT FROM OLD.efface_le",
        "l'effacement d'un fichier Filoué est définitif",
    ),
    Garde(
        "garde_fichierfiloue_etats",
        "fichierfiloue",
        "UPDATE",
        "NEW.etat <> OLD.etat AND NOT (OLD.etat = 'recu' AND NEW.etat IN ('accepte', 'refuse')) "
        "AND NOT (OLD.etat = 'accepte' AND NEW.etat = 'remplace')",
        "ce changement d'état du fichier Filoué est interdit",
    ),
)

"""Retention: what still names a child, encrypted, is erased after the days set in config/filoue.yaml, and journaled."""

from dataclasses import dataclass
from datetime import date, timedelta

from modeles.base import transaction
from modeles.requetes_filoue import fichiers_a_effacer
from modeles.tables import FichierFiloue
from modeles.transitions import Acte, consigner, passer
from operations.configuration import reglages_filoue
from operations.contexte import Contexte
from regles.etats import EtatDepot

PAR = "conservation"
JAMAIS_LU = "Effacé au terme de la conservation sans avoir été lu."


@dataclass(frozen=True, slots=True)
class BilanEffacement:
    """The files (ids) whose raw bytes were erased, and the days they are kept."""

    effaces: tuple[int, ...]
    jours: int

    @property
    def phrase(self) -> str:
        """« 3 fichier(s) Filoué effacé(s), reçus il y a plus de 90 jours : n° 1, 2, 3. »."""
        if not self.effaces:
            return f"Aucun fichier Filoué reçu il y a plus de {self.jours} jours n’est encore là."
        numeros = ", ".join(str(numero) for numero in self.effaces)
        nombre = len(self.effaces)
        return f"{nombre} fichier(s) Filoué effacé(s), reçu(s) il y a plus de {self.jours} jours : n° {numeros}."


def effacer(contexte: Contexte, jour: date | None = None) -> BilanEffacement:
    """Erase the raw bytes of the files kept longer than the retention, each in its transaction.

    Pseudonyms, sums and anomalies stay. Stopped anywhere and run again, it goes on; run twice, it does nothing more.
    """
    instant = contexte.maintenant(jour)
    jours = int(reglages_filoue(contexte).conservation.fichiers_bruts_jours.valeur)
    with transaction(contexte.moteur) as session:
        echus = fichiers_a_effacer(session, instant - timedelta(days=jours))
    effaces = []
    for identifiant in echus:
        with transaction(contexte.moteur) as session:
            fichier = session.get_one(FichierFiloue, identifiant, with_for_update=True)
            if fichier.efface_le is not None:
                continue
            if fichier.etat is EtatDepot.RECU:
                fichier.motif = JAMAIS_LU
                passer(session, fichier, EtatDepot.REFUSE, Acte(instant, PAR, "refuser", JAMAIS_LU))
            fichier.octets_chiffres, fichier.efface_le = None, instant
            session.add(fichier)
            session.flush()
            consigner(session, fichier, Acte(instant, PAR, "effacer"), {"octets": fichier.taille, "jours": jours})
            effaces.append(identifiant)
    return BilanEffacement(tuple(effaces), jours)

"""Read deposited workbooks in a process apart, so that no file can take this one down or hold it up."""

from echanges.classeur.garde import controler_taille
from echanges.classeur.isolement import DELAI_MAX, ProcessusIsole
from echanges.classeur.protocole import REPONSE_MAX, decoder
from regles.grille import FichierRefuse, Grille


class LecteurIsole(ProcessusIsole):
    """One reading process, kept for many files and replaced when a file kills it.

    The workbooks of a batch share it, which leaves about 15 ms each.
    """

    def __init__(self, delai: float = DELAI_MAX) -> None:
        super().__init__("echanges.classeur.lecteur_enfant", delai)

    def lire(self, octets: bytes) -> Grille:
        """Guard and read a workbook.

        Raises:
            FichierRefuse: refused by the guard, unreadable, too long or too heavy to read.
        """
        controler_taille(octets)
        reponse = self.demander((octets,), REPONSE_MAX)
        if reponse is None:
            raise FichierRefuse(
                "lecture_interrompue",
                "La lecture du classeur a demandé trop de temps ou de mémoire : ce n'est pas le formulaire de la Caf. "
                "Recopiez vos réponses dans un formulaire neuf, puis déposez-le.",
            )
        return decoder(reponse)

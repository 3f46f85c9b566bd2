"""The personal code that goes with each signature on money: asked for, compared, blocked after too many wrong ones.

The open-source server does not prove who answers a form: the code does. It is kept as scrypt leaves it, and written
nowhere else: the journal says that it was set, right, wrong or blocked, never what it is.
"""

import hashlib
import hmac
import os
from datetime import timedelta

from modeles.base import transaction
from modeles.journal import inscrire, motifs_inscrits, verrouiller
from modeles.tables import CodePersonnel
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS

REFUSE = "code refusé"
OCTETS_DE_SEL = 16
# Interactive sign-in with 16 MiB, the parameters of RFC 7914 §2 and of the scrypt paper.
SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def a_un_code(contexte: Contexte, identifiant: str) -> bool:
    """Whether a person has a personal code."""
    with transaction(contexte.moteur) as session:
        return session.get(CodePersonnel, identifiant) is not None


def code_attendu(contexte: Contexte, identifiant: str) -> bool:
    """Whether a signature of a person asks for a code: they have one, or the settings want one of everybody."""
    return _est_exige(contexte) or a_un_code(contexte, identifiant)


def codes_refuses(contexte: Contexte, identifiant: str) -> tuple[str, ...]:
    """Give why the codes typed for a person were turned down, oldest first."""
    with transaction(contexte.moteur) as session:
        return tuple(motifs_inscrits(session, "code", identifiant, REFUSE))


def _est_exige(contexte: Contexte) -> bool:
    return contexte.reglages.fichier.codes.exiges and not contexte.reglages.demonstration


def exiger_code(contexte: Contexte, identifiant: str, code: str) -> None:
    """Check the code of a person, in a transaction of its own: a wrong one counts whatever becomes of the act.

    Raises:
        ActeRefuse: no code where one is expected, a wrong one, or too many wrong ones lately.
    """
    if not code_attendu(contexte, identifiant):
        return
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        pose = session.get(CodePersonnel, identifiant)
        if pose is None:
            refus = f"{identifiant} n'a pas encore de code personnel : campagnes code poser --par {identifiant}."
        else:
            refus = _comparer(contexte, pose, code)
            session.add(pose)
            inscrire(
                session, le=contexte.maintenant(), par=identifiant, objet="code", objet_id=identifiant,
                action=REFUSE if refus else "code reconnu", motif=refus,
            )  # fmt: skip
    if refus:
        raise ActeRefuse(refus)


def _comparer(contexte: Contexte, pose: CodePersonnel, code: str) -> str:
    """Say why a code is turned down, "" when it is right; the tries are counted on the row."""
    regles, maintenant = contexte.reglages.fichier.codes, contexte.maintenant()
    if pose.bloque_jusqu_au is not None and maintenant < pose.bloque_jusqu_au:
        return f"Le code de {pose.identifiant} est bloqué jusqu'à {pose.bloque_jusqu_au.astimezone(PARIS):%H:%M}."
    pose.bloque_jusqu_au = None
    if hmac.compare_digest(pose.empreinte, _empreinte(code, pose.sel)):
        pose.essais = 0
        return ""
    if not code:
        return f"Le code personnel de {pose.identifiant} est attendu."
    pose.essais += 1
    restants = regles.essais - pose.essais
    if restants > 0:
        return f"Ce n'est pas le code de {pose.identifiant} : encore {restants} essai(s)."
    pose.essais = 0
    pose.bloque_jusqu_au = maintenant + timedelta(minutes=regles.blocage_minutes)
    return (
        f"Ce n'est pas le code de {pose.identifiant} : il est bloqué jusqu'à "
        f"{pose.bloque_jusqu_au.astimezone(PARIS):%H:%M}."
    )


def poser_code(contexte: Contexte, identifiant: str, code: str, par: str, code_de_par: str = "") -> None:
    """Set the code of a person, or change it.

    A first code is set by oneself. It is then changed by oneself with the present one (`code_de_par`), or, forgotten,
    by somebody else who may give a visa and signs with their own code.

    Raises:
        ActeRefuse: nobody of the team, too short, set by somebody who may not, or a wrong `code_de_par`.
    """
    contexte.exiger_personne(identifiant)
    longueur = contexte.reglages.fichier.codes.longueur
    if len(code) < longueur or identifiant.casefold() in code.casefold():
        raise ActeRefuse(f"Un code personnel a au moins {longueur} caractères, et ne contient pas l'identifiant.")
    if par != identifiant:
        contexte.exiger_droit(par, "liberer")
        if not a_un_code(contexte, par):
            raise ActeRefuse(f"{par} n'a pas de code personnel : chacun pose d'abord le sien.")
    if a_un_code(contexte, par):
        exiger_code(contexte, par, code_de_par)
    sel = os.urandom(OCTETS_DE_SEL).hex()
    maintenant = contexte.maintenant()
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        session.merge(
            CodePersonnel(
                identifiant=identifiant, sel=sel, empreinte=_empreinte(code, sel), essais=0, bloque_jusqu_au=None,
                pose_le=maintenant, pose_par=par,
            )
        )  # fmt: skip
        inscrire(session, le=maintenant, par=par, objet="code", objet_id=identifiant, action="poser un code")


def _empreinte(code: str, sel: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(sel), **SCRYPT).hex()

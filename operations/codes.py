"""The personal code that goes with each act on money: asked for, compared, blocked after too many wrong ones.

The open-source server does not prove who answers a form: the code does. It is kept as scrypt leaves it, and written
nowhere else: the journal says that it was set, right, wrong or blocked, never what it is.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from sqlmodel import col, select

from modeles.base import transaction
from modeles.journal import inscrire, motifs_inscrits, verrouiller
from modeles.tables import CodePersonnel
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS

REFUSE = "code refusé"
OCTETS_DE_SEL = 16
TEMOINS = 2
SANS_TEMOIN: Mapping[str, str] = MappingProxyType({})
# Interactive sign-in with 16 MiB, the parameters of RFC 7914 §2 and of the scrypt paper.
SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def a_un_code(contexte: Contexte, identifiant: str) -> bool:
    """Whether a person has a personal code."""
    with transaction(contexte.moteur) as session:
        return session.get(CodePersonnel, identifiant) is not None


def code_attendu(contexte: Contexte, identifiant: str) -> bool:
    """Whether an act of a person on money asks for a code: they have one, or the settings want one of everybody."""
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
    if not code:
        return f"Le code personnel de {pose.identifiant} est attendu."
    if hmac.compare_digest(pose.empreinte, _empreinte(code, pose.sel)):
        pose.essais = 0
        return ""
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


def poser_code(
    contexte: Contexte, identifiant: str, code: str, actuel: str = "", temoins: Mapping[str, str] = SANS_TEMOIN
) -> None:
    """Set the code of a person, or change it.

    One's own is changed with the present one (`actuel`). A first one, or a forgotten one, is set before colleagues who
    type theirs (`temoins`: their codes by identifier): nobody alone gives themselves the code of another.

    Raises:
        ActeRefuse: nobody of the team, too short, a wrong `actuel`, too few witnesses, or one whose code is wrong.
    """
    contexte.exiger_personne(identifiant)
    longueur = contexte.reglages.fichier.codes.longueur
    if len(code) < longueur or identifiant.casefold() in code.casefold():
        raise ActeRefuse(f"Un code personnel a au moins {longueur} caractères, et ne contient pas l'identifiant.")
    if a_un_code(contexte, identifiant) and not temoins:
        exiger_code(contexte, identifiant, actuel)
    else:
        _exiger_les_temoins(contexte, identifiant, temoins)
    sel = os.urandom(OCTETS_DE_SEL).hex()
    maintenant = contexte.maintenant()
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        session.merge(
            CodePersonnel(
                identifiant=identifiant, sel=sel, empreinte=_empreinte(code, sel), essais=0, bloque_jusqu_au=None,
                pose_le=maintenant, pose_par=identifiant,
            )
        )  # fmt: skip
        inscrire(
            session, le=maintenant, par=identifiant, objet="code", objet_id=identifiant, action="poser un code",
            details={"temoins": sorted(temoins)},
        )  # fmt: skip


def _exiger_les_temoins(contexte: Contexte, identifiant: str, temoins: Mapping[str, str]) -> None:
    """Check the codes of two colleagues; at the very beginning, of those who have one."""
    equipe = {personne.identifiant for personne in contexte.reglages.fichier.equipe} - {identifiant}
    with transaction(contexte.moteur) as session:
        trouves = session.exec(select(CodePersonnel.identifiant).where(col(CodePersonnel.identifiant).in_(equipe)))
        possibles = set(trouves)
    for temoin in temoins:
        if temoin not in possibles:
            raise ActeRefuse(f"{temoin} ne peut pas être témoin : il faut un collègue qui a déjà son code.")
    attendus = min(TEMOINS, len(possibles))
    if len(temoins) < attendus:
        raise ActeRefuse(
            f"Un premier code, ou un code oublié, se pose devant {attendus} collègue(s) qui ont le leur et le tapent "
            f"(--devant) : {', '.join(sorted(possibles))}."
        )
    for temoin, code in temoins.items():
        exiger_code(contexte, temoin, code)


def _empreinte(code: str, sel: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(sel), **SCRYPT).hex()

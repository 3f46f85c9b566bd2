"""What an action of the calendar did, whoever plays it."""

from dataclasses import dataclass

from regles.etats import EtatAction


@dataclass(frozen=True, slots=True)
class BilanAction:
    """What an action did: mails decided, structures they speak of, a French sentence.

    `sans_contact`: the partners that owe an answer and have nobody to write to.
    """

    cle: str
    etat: EtatAction
    courriels: int
    structures: int
    message: str
    sans_contact: tuple[str, ...] = ()

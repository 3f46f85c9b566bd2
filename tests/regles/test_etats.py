"""The changes of state that the trade allows, kind by kind: two kinds may share a word."""

import pytest

from regles.etats import (
    EtatCourriel,
    EtatDeclaration,
    EtatDemande,
    EtatDossier,
    EtatPiece,
    TransitionInterdite,
    verifier_transition,
)


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        (EtatCourriel.EN_COURS, EtatCourriel.ENVOYE),
        (EtatDossier.EN_COURS, EtatDossier.COMPLET),
        (EtatDeclaration.RECUE, EtatDeclaration.VALIDEE),
        (EtatPiece.RECUE, EtatPiece.REFUSEE),
        (EtatDemande.INSCRITE, EtatDemande.DEPOSEE),
    ],
)
def test_chaque_genre_a_ses_passages_meme_sous_le_meme_mot(avant: EtatCourriel, apres: EtatCourriel) -> None:
    verifier_transition(avant, apres)
    with pytest.raises(TransitionInterdite):
        verifier_transition(avant, avant)


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        (EtatCourriel.ENVOYE, EtatCourriel.A_ENVOYER),
        (EtatDossier.EN_COURS, EtatCourriel.ENVOYE),
        (EtatPiece.RECUE, EtatDeclaration.VALIDEE),
        (EtatDemande.ACCORDEE, EtatDemande.DEPOSEE),
    ],
)
def test_un_passage_inconnu_ou_d_un_genre_a_l_autre_est_interdit(avant: EtatCourriel, apres: EtatCourriel) -> None:
    with pytest.raises(TransitionInterdite, match=f"« {avant} » à « {apres} »"):
        verifier_transition(avant, apres)

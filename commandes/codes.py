"""The personal code: set, changed, asked for when an act needs one. Never shown, never given on a command line."""

from typing import Annotated

import typer

from operations.contexte import contexte

Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]


def demander_code(par: str) -> str:
    """Ask a person for their code, typed unseen; "" when no code is expected of them."""
    from operations.codes import code_attendu

    if not code_attendu(contexte(), par):
        return ""
    return str(typer.prompt(f"Code personnel de {par}", hide_input=True))


def poser(
    par: Par,
    pour: Annotated[
        str, typer.Option("--pour", help="Un collègue qui a oublié le sien ; vous signez avec le vôtre.")
    ] = "",
) -> None:
    """Poser ou changer un code personnel, tapé deux fois sans s'afficher."""
    from operations.codes import a_un_code, poser_code

    identifiant = pour or par
    present = ""
    if a_un_code(contexte(), par):
        present = str(typer.prompt(f"Code personnel actuel de {par}", hide_input=True))
    nouveau = str(typer.prompt(f"Nouveau code de {identifiant}", hide_input=True, confirmation_prompt="Le même code"))
    poser_code(contexte(), identifiant, nouveau, par, present)
    typer.echo(f"Code de {identifiant} posé. Il sera demandé pour proposer, ordonnancer ou viser un lot.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    codes = typer.Typer(help="Le code personnel demandé pour signer un lot.", no_args_is_help=True)
    codes.command("poser")(poser)
    application.add_typer(codes, name="code")
    codes.callback()(_seule)


def _seule() -> None:
    """Keep `poser` a name of its own: typer drops that of an only command."""

"""The personal code: set, changed, asked for when an act needs one. Never shown, never given on a command line."""

from typing import Annotated

import typer

from operations.contexte import contexte

Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]


def demander_code(par: str) -> str:
    """Ask a person of the team for their code, typed unseen; "" when no code is expected of them.

    Raises:
        ActeRefuse: nobody of the team.
    """
    from operations.codes import code_attendu

    contexte().exiger_personne(par)
    return _taper(par) if code_attendu(contexte(), par) else ""


def _taper(qui: str) -> str:
    return str(typer.prompt(f"Code personnel de {qui}", hide_input=True))


def poser(
    par: Par,
    devant: Annotated[
        list[str] | None,
        typer.Option(
            "--devant", help="Un premier code, ou un code oublié : un collègue, qui tape le sien (deux fois)."
        ),
    ] = None,
) -> None:
    """Poser ou changer un code personnel, tapé deux fois sans s'afficher."""
    from operations.codes import a_un_code, poser_code

    actuel = _taper(par) if a_un_code(contexte(), par) and not devant else ""
    nouveau = str(typer.prompt(f"Nouveau code de {par}", hide_input=True, confirmation_prompt="Le même code"))
    poser_code(contexte(), par, nouveau, actuel, {temoin: _taper(temoin) for temoin in devant or ()})
    typer.echo(f"Code de {par} posé. Il sera demandé à chaque acte sur l'argent.")


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    codes = typer.Typer(help="Le code personnel demandé à chaque acte sur l'argent.", no_args_is_help=True)
    codes.command("poser")(poser)
    application.add_typer(codes, name="code")
    codes.callback()(_seule)


def _seule() -> None:
    """Keep `poser` a name of its own: typer drops that of an only command."""

"""`waylink secret`: make a secret, say it in words, take it down, keep it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from schemas.console import Console, FrontDoor

app = typer.Typer(help="The members' secret.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
New = Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; never over another file.")]
There = Annotated[Path, typer.Argument(metavar="FILE", help="The secret's file.")]

_IN_A_LINE = 4


@app.command("new")
def new(ctx: typer.Context, file: New, json: Json = False) -> None:
    """Make a new secret of 256 bits, in a file that only you can read."""
    from encoder.secret import new_secret

    console = _console(ctx, json=json)
    new_secret(file)
    text = (
        f"A new secret is in {file}; only you can read it.\n"
        "Give it to the other members' stewards in person, through a password manager, or over the phone in words\n"
        f"(waylink secret words {file}); never to the server, never by e-mail."
    )
    console.result(text, {"file": str(file)})


@app.command("words")
def words(ctx: typer.Context, file: There) -> None:
    """Show a secret as 26 words, to be read over the phone: on this screen only, to no file."""
    from encoder.errors import SecretMissing
    from encoder.keeping.words import words_of
    from encoder.secret import read_secret

    console = _console(ctx, json=False)
    if not console.asks:
        raise SecretMissing("words are shown at a terminal only", where="waylink secret words", fix="run it in one")
    listed = words_of(read_secret(file))
    lines = [
        "  ".join(f"{place + 1:2} {listed[place]:9}" for place in range(start, min(start + _IN_A_LINE, len(listed))))
        for start in range(0, len(listed), _IN_A_LINE)
    ]
    console.remark(
        "\n".join(["Whoever sees these words has the secret. Read them to a steward whose voice you know.", *lines])
    )
    console.result("The other side takes them down with: waylink secret from-words FILE", {})


@app.command("from-words")
def from_words(ctx: typer.Context, file: New, json: Json = False) -> None:
    """Write the secret whose 26 words you type (unseen; four letters of each are enough) into a new file."""
    from encoder.keeping.places import typed_secret
    from encoder.secret import write_secret
    from schemas.whole import refuse_to_overwrite

    console = _console(ctx, json=json)
    refuse_to_overwrite(file)
    write_secret(typed_secret(console), file)
    console.result(f"The words belong together. The secret is in {file}; only you can read it.", {"file": str(file)})


@app.command("keep")
def keep(
    ctx: typer.Context,
    file: There,
    name: Annotated[str, typer.Option("--name", help="What to call it; `--secret keyring:NAME` finds it.")] = "members",
    json: Json = False,
) -> None:
    """Keep a secret where the system keeps passwords (Windows' Credential Manager, macOS' Keychain, ...)."""
    from encoder.keeping.places import keep_in_keyring
    from encoder.secret import read_secret

    console = _console(ctx, json=json)
    keep_in_keyring(read_secret(file), name)
    text = f"The keyring has it: --secret keyring:{name}. Try that once, then delete {file}."
    console.result(text, {"secret": f"keyring:{name}"})


def _console(ctx: typer.Context, *, json: bool) -> Console:
    door: FrontDoor = ctx.obj
    return door.for_command(json=json)

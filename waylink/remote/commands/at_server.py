"""What every command that speaks to the server takes: its address, the token, who vouches for it, and `--json`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from schemas.console import Console, FrontDoor
from waylink.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from waylink.remote.connection import Connection

P = ParamSpec("P")

ProjectId = Annotated[str, typer.Argument(metavar="P", help="The project's id.")]
RunId = Annotated[str, typer.Argument(metavar="R", help="The run's id.")]
ReleaseId = Annotated[str, typer.Argument(metavar="REL", help="The release's id.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_Server = Annotated[str, typer.Option("--server", envvar="WAYLINK_SERVER", metavar="URL", help="The co-op's server.")]
_TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        envvar="WAYLINK_TOKEN_FILE",
        metavar="FILE",
        help="The file with your access token; without it, the system's keyring is asked.",
    ),
]
_Ca = Annotated[
    Path | None,
    typer.Option("--ca", envvar="WAYLINK_CA", metavar="FILE", help="The authority that vouches for the server (PEM)."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]


@dataclass(frozen=True)
class AtServer:
    """A command's place: its terminal, and how to reach the server.

    Attributes:
        console: where it says things.
        json: whether its result is one JSON object.
        server, token_file, ca: as they were given.
    """

    console: Console
    json: bool
    server: str
    token_file: Path | None
    ca: Path | None

    def connect(self) -> Connection:
        """A connection with the caller's token.

        Raises:
            BadAddress, NoToken, BadToken, FileMissing: see `waylink.remote.address` and `waylink.remote.token`.
        """
        from encoder.secret import others_can_read
        from waylink.remote.address import parse_address
        from waylink.remote.connection import Connection
        from waylink.remote.token import read_token, token_in_keyring

        address, file = parse_address(self.server), self.token_file
        if file is not None and others_can_read(file):
            self.console.remark(f"warning: others on this computer can read {file}; make it yours alone (chmod 600)")
        return Connection(address, read_token(file) if file else token_in_keyring(address), ca=self.ca)

    def connect_openly(self) -> Connection:
        """A connection without a token, for what is open to everybody."""
        from waylink.remote.address import parse_address
        from waylink.remote.connection import Connection

        return Connection(parse_address(self.server), ca=self.ca)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask the person at the terminal, unless `yes`.

        Raises:
            NotConfirmed: the answer was no, or nobody is there to be asked.
        """
        from waylink.remote.errors import NotConfirmed

        if yes:
            return
        if self.json or not sys.stdin.isatty():
            raise NotConfirmed("nobody is there to be asked; nothing was done", fix="add --yes")
        if not typer.confirm(question, err=True):
            raise NotConfirmed("nothing was done")

    def confirm_by_name(self, warning: str, name: str, *, yes: bool) -> None:
        """Have the person at the terminal write a name out, unless `yes`: for what undoes the work of others, too.

        Raises:
            NotConfirmed: another name was written, or nobody is there to be asked.
        """
        from waylink.remote.errors import NotConfirmed

        if yes:
            return
        if self.json or not sys.stdin.isatty():
            raise NotConfirmed("nobody is there to be asked; nothing was done", fix="add --yes")
        if typer.prompt(f"{warning}\nWrite the project's name ({name}) to go on", err=True).strip() != name:
            raise NotConfirmed("that is not the project's name; nothing was done")


class LetGo(SystemExit):
    """The end of a command that was interrupted and has said already what that means."""

    def __init__(self) -> None:
        super().__init__(INTERRUPTED)


def at_server(command: Callable[Concatenate[AtServer, P], None]) -> Callable[..., None]:
    """Give a command the options of `AtServer`, and hand it one; with an interrupt it ends by `LetGo` or as all do."""

    def run(
        context: typer.Context,
        *args: Any,  # noqa: ANN401 (the command's own, which typer has checked)
        server: _Server,
        token_file: _TokenFile,
        ca: _Ca,
        json: _Json,
        **own: Any,  # noqa: ANN401
    ) -> None:
        door: FrontDoor = context.obj
        command(AtServer(door.for_command(json=json), json, server, token_file, ca), *args, **own)

    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    words = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [first, *words, *_options()]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect and typer read
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__, run.__name__, run.__module__ = command.__doc__, command.__name__, command.__module__
    return run


def _options() -> list[inspect.Parameter]:
    given: dict[str, tuple[Any, Any]] = {
        "server": (_Server, inspect.Parameter.empty),
        "token_file": (_TokenFile, None),
        "ca": (_Ca, None),
        "json": (_Json, False),
    }
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=form)
        for name, (form, default) in given.items()
    ]


def new_group(help: str) -> typer.Typer:  # noqa: A002 (typer's own word)
    """A group of commands under one noun."""
    return typer.Typer(help=help, no_args_is_help=True)

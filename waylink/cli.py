"""The one command: `waylink`, composed of the zones' verbs."""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from encoder.cli import app as encoder_commands
from linkage.cli import app as linkage_commands
from schemas.errors import Explained
from server.cli.serve import app as server_commands
from waylink import __version__
from waylink.console import Door, printable
from waylink.exit_codes import INTERNAL, INTERRUPTED, OK, exit_status
from waylink.remote.cli import app as remote_commands
from waylink.remote.commands.at_server import LetGo

STOPPED = "stopped; nothing was written"

app = typer.Typer(
    help="Link the records of a data cooperative without names, and count how people move between its members.",
    pretty_exceptions_enable=False,  # its boxes show local variables, and those may hold people
    add_completion=False,
    rich_markup_mode=None,  # its boxes take longer to import than all the rest of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)
own_commands = typer.Typer()


@app.callback(invoke_without_command=True)
def waylink(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="say the version and stop")] = False,
) -> None:
    """Put the terminal where the commands find it."""
    if version:
        print(f"waylink {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit
    context.obj = Door()


@own_commands.command("score")
def score_command(
    context: typer.Context,
    truth: Annotated[Path, typer.Argument(metavar="TRUTH.csv", help="columns member, client_id, person")],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="the folder that `waylink link` wrote")],
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="the members' folders with private/")],
    json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Compare a run with the truth, where it is known. Needs private/tokens.csv of every member."""
    from waylink.score import score_run, told

    quality = score_run(truth, run, folders)
    context.obj.for_command(json=json).result(told(quality), quality.as_dict())


@own_commands.command("show")
def show_command(
    context: typer.Context,
    release: Annotated[Path, typer.Argument(metavar="RELEASE", help="the folder of a release")],
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="[default: all]")] = None,
    ranges: Annotated[bool, typer.Option("--ranges", help="say how low and how high a count might be")] = False,
    json: Annotated[bool, typer.Option("--json", help="print the manifest as one JSON object")] = False,
) -> None:
    """Print the tables of a release, after proving that it is whole."""
    import shutil

    from linkage.release.read_release import read_tables
    from waylink.show import show_tables

    text = show_tables(release, tables or (), ranges=ranges, width=shutil.get_terminal_size((100, 24)).columns)
    context.obj.for_command(json=json).result(text, read_tables(release)[0])


@own_commands.command("equity")
def equity_command(
    context: typer.Context,
    agreement: Annotated[Path, typer.Argument(metavar="A.toml", help='the agreement; it says equity = "randomised"')],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="your own folder that `waylink encode` wrote")],
    answers: Annotated[Path, typer.Argument(metavar="ELSEWHERE.csv", help="what the run says of your own records")],
    clients: Annotated[Path, typer.Option("--clients", metavar="FILE", help="your list of clients, as encoded")],
    by: Annotated[str, typer.Option("--by", metavar="COLUMN", help="the column to tell clients apart by")],
    id_: Annotated[str, typer.Option("--id", metavar="COLUMN", help="the column of client ids [default: found]")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="a new CSV file of what you may share")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print what you may share as one JSON object")] = False,
) -> None:
    """See how often your clients are found at other members, by an attribute that only you hold. Works offline."""
    from waylink.equity import as_dict, csv_of, measure_equity, told

    found = measure_equity(agreement, folder, answers, clients, by, id_)
    _write_if_asked(out, csv_of(found))
    context.obj.for_command(json=json).result(told(found), as_dict(found))


@own_commands.command("pool-equity")
def pool_equity_command(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="EQUITY.csv...", help="what `waylink equity --out` wrote at each member"),
    ],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="a new CSV file of the result")] = None,
    json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Put what several members share of their link rates together. Works offline."""
    from waylink.pool_equity import as_dict, csv_of, pool_equity, told

    pooled = pool_equity(files)
    _write_if_asked(out, csv_of(pooled))
    context.obj.for_command(json=json).result(told(pooled), as_dict(pooled))


def _write_if_asked(out: Path | None, data: bytes) -> None:
    from waylink.remote.private_file import new_private_file

    if out is not None:
        with new_private_file(out) as file:
            file.write(data)


@own_commands.command("demo")
def demo_command(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="where the demo's folders go")] = Path("demo-out"),
    data: Annotated[Path | None, typer.Option(help="another co-op's folder [default: the example's]")] = None,
    server: Annotated[
        bool, typer.Option("--server", help="with a server on loopback, by its people's commands")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="print the result as one JSON object")] = False,
) -> None:
    """Run the whole main job on the example co-op: five members' files in, pathway counts out."""
    if server:
        from waylink.demo_server import run_server_demo

        run_server_demo(out, data, context.obj.for_command(json=json))
        return
    from waylink.demo import run_demo

    run_demo(out, data, context.obj.for_command(json=json))


for commands in (
    encoder_commands,
    linkage_commands,
    remote_commands,
    server_commands,
    own_commands,
):  # the order in which help lists them
    app.add_typer(commands)


def main() -> None:
    """Run the command line; never print a person's value, whatever goes wrong."""
    sys.exit(_run())


def _run() -> int:
    try:
        app()  # ends with SystemExit, also where the command was called wrongly or interrupted
    except SystemExit as end:
        if end.code == INTERRUPTED and not isinstance(end, LetGo):
            print(STOPPED, file=sys.stderr)
        raise
    except Explained as error:
        _tell(error)
        return exit_status(error)
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # the last line of defence: a traceback could show a value
        _tell_unexpected(error)
        return INTERNAL
    return OK


def _tell(error: Explained) -> None:
    if "--json" in sys.argv[1:]:
        print(json.dumps(error.as_dict()))
    else:
        print(f"error: {printable(str(error))}", file=sys.stderr)


def _tell_unexpected(error: Exception) -> None:
    """Where it broke and what kind of error it was; its text could hold a person's value, so it is not shown."""
    if os.environ.get("WAYLINK_DEBUG") == "1":
        traceback.print_exception(error)
        return
    at = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(at.filename).name}:{at.lineno}"
    print(f"error: unexpected {type(error).__name__} at {place}; please report it", file=sys.stderr)
    print("  WAYLINK_DEBUG=1 shows all of it, which may hold people's data", file=sys.stderr)

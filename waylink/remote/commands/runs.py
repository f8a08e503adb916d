"""`waylink run …` and `waylink results`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from waylink.remote.commands.at_server import AtServer, LetGo, ProjectId, RunId, at_server, new_group
from waylink.remote.commands.told import facts_text, table_text

if TYPE_CHECKING:
    from waylink.remote.connection import Connection
    from waylink.remote.runs import Run

app = new_group("Runs: what the server computes for a project.")
own_commands = typer.Typer()

_Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="M", help="Leave this member out; can be given again.")
]


@app.command("estimate")
@at_server
def estimate_command(at: AtServer, project: ProjectId, without: _Without = None) -> None:
    """Have the server say what linking would take, and wait for that."""
    from waylink.remote.runs import ESTIMATE, require_done, start_run

    connection = at.connect()
    run = require_done(_watched(at, connection, start_run(connection, project, ESTIMATE, without or []).id))
    at.console.result(_told(run), asdict(run))


@app.command("start")
@at_server
def start_command(
    at: AtServer,
    project: ProjectId,
    without: _Without = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
) -> None:
    """Have the server link what the members sent."""
    from waylink.remote.runs import LINK, require_done, start_run

    connection = at.connect()
    run = start_run(connection, project, LINK, without or [])
    if wait:
        run = require_done(_watched(at, connection, run.id))
    at.console.result(_told(run), asdict(run))


@app.command("list")
@at_server
def list_command(at: AtServer, project: ProjectId) -> None:
    """List a project's runs."""
    from waylink.remote.runs import list_runs

    runs = list_runs(at.connect(), project)
    rows = [(run.id, run.kind, run.state, run.requested_by, run.created_at, run.ended_at) for run in runs]
    text = table_text(("run", "kind", "state", "asked for by", "created", "ended"), rows, empty="no runs")
    at.console.result(text, {"runs": [asdict(run) for run in runs]})


@app.command("show")
@at_server
def show_command(at: AtServer, run: RunId) -> None:
    """Show a run: how far it is, or what it came to."""
    from waylink.remote.runs import show_run

    shown = show_run(at.connect(), run)
    at.console.result(_told(shown), asdict(shown))


@app.command("watch")
@at_server
def watch_command(at: AtServer, run: RunId) -> None:
    """Wait until a run has ended. Exit status: 0 done, 3 failed, 6 cancelled. Ctrl-C stops watching, not the run."""
    from waylink.remote.runs import require_done

    ended = require_done(_watched(at, at.connect(), run))
    at.console.result(_told(ended), asdict(ended))


@app.command("cancel")
@at_server
def cancel_command(at: AtServer, run: RunId) -> None:
    """Stop a run."""
    from waylink.remote.runs import cancel_run

    cancelled = cancel_run(at.connect(), run)
    at.console.result(f"will be cancelled within seconds\n{_told(cancelled)}", asdict(cancelled))


@own_commands.command("results")
@at_server
def results_command(
    at: AtServer,
    run: RunId,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new CSV file, which only you can read.")],
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Add your client ids, from this folder's private/tokens.csv."),
    ] = None,
    elsewhere: Annotated[
        Path | None,
        typer.Option("--elsewhere", metavar="FILE", help="A new file for what `waylink equity` reads, if agreed."),
    ] = None,
) -> None:
    """Fetch the link map of your own records: which of them are one person, in this run."""
    from waylink.remote.link_maps import own_tokens, write_results
    from waylink.remote.private_file import new_private_file
    from waylink.remote.runs import fetch_elsewhere, fetch_link_map

    clients = own_tokens(folder) if folder else None
    connection = at.connect()
    with new_private_file(out) as file:
        records = write_results(fetch_link_map(connection, run), clients, file)
    if elsewhere is not None:
        with new_private_file(elsewhere) as file:
            file.write(fetch_elsewhere(connection, run))
    columns = "token,link_id" if clients is None else "client_id,token,link_id"
    text = f"{records:,} records: {out} ({columns})"
    at.console.result(text, {"run": run, "out": str(out), "records": records, "columns": columns.split(",")})


def _watched(at: AtServer, connection: Connection, run: str) -> Run:
    from time import sleep

    from waylink.remote.runs import watch_run

    try:
        return watch_run(connection, run, at.console, sleep)
    except KeyboardInterrupt:
        at.console.remark(f"the run goes on: waylink run watch {run}; to stop it: waylink run cancel {run}")
        raise LetGo from None


def _told(run: Run) -> str:
    facts: dict[str, object] = {
        "run": run.id,
        "project": run.project_id,
        "members": run.members,
        "asked_for_by": run.requested_by,
        "agreement": run.agreement_digest,
        "ended": run.ended_at,
    }
    if run.progress is not None and run.state == "running":
        left = run.progress.seconds_left
        facts["stage"] = f"{run.progress.stage}, {run.progress.done:.0%}"
        facts["seconds_left"] = None if left is None else f"about {left:,.0f}"
    if run.error is not None:
        facts["error"] = ": ".join(filter(None, (run.error.where, run.error.what)))
        facts["fix"] = run.error.fix
    return f"{run.kind}: {run.state}\n{facts_text(facts | (run.result or {}))}"

"""The operator's commands: `waylink serve`, and `waylink admin` on the data folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.cli.admin import admin_app
from server.cli.options import Config, Data, Json, console_of, settings_of

if TYPE_CHECKING:
    from server.serving.serve import Up

app = typer.Typer()
app.add_typer(admin_app, name="admin")


@app.command("serve")
def serve_command(
    ctx: typer.Context,
    data: Data = None,
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 is any free one. [default: 8765]")] = None,
    tls_certificate: Annotated[Path | None, typer.Option(metavar="PEM", help="Certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="PEM", help="Its private key.")] = None,
    behind_proxy: Annotated[
        bool | None, typer.Option("--behind-proxy", help="A reverse proxy does TLS: listening in clear is fine.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that do runs. [default: 1]")] = None,
    worker_threads: Annotated[int | None, typer.Option(help="Threads of each. [default: all but one]")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error. [default: info]")] = None,
    json: Json = False,
) -> None:
    """Run the co-op's server: API and workers, on a data folder that is made if it is not there."""
    settings = settings_of(
        config,
        data=data,
        host=host,
        port=port,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
        workers=workers,
        worker_threads=worker_threads,
        log_level=log_level,
    )
    from server.premises.settings import settings_file
    from server.serving.serve import serve

    console = console_of(ctx, json=json)

    def tell(up: Up) -> None:
        said = {"address": up.address, "first_steps": up.first_steps, "warnings": up.warnings}
        console.result(_told(up, settings.data), said)
        sys.stdout.flush()  # somebody may wait for it at the other end of a pipe

    serve(settings, settings_file({"data": data}, config), tell)


def _told(up: Up, data: Path) -> str:
    lines = [f"waylink is up at {up.address}, its data in {data}"]
    lines += [f"warning: {warning}" for warning in up.warnings]
    if up.first_steps:
        lines += ["Nobody has an account yet. Make the first steward, in another terminal:"]
        lines += [f"  {step}" for step in up.first_steps]
        lines += ["and give shelter.token to that person; `waylink admin --help` shows the rest."]
    return "\n".join(lines)

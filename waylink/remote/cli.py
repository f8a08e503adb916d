"""The commands that speak to the co-op's server, composed."""

from __future__ import annotations

import typer

from waylink.remote.commands import audit, projects, register, releases, runs, tokens, uploads

app = typer.Typer()

app.add_typer(projects.app, name="project")
app.add_typer(projects.own_commands)
app.add_typer(uploads.app, name="upload")
app.add_typer(uploads.own_commands)
app.add_typer(runs.app, name="run")
app.add_typer(runs.own_commands)
app.add_typer(releases.app, name="release")
app.add_typer(audit.app, name="audit")
app.add_typer(tokens.app, name="token")
app.add_typer(tokens.own_commands)
app.add_typer(register.app)

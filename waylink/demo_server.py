"""The demo with a server: the whole story of a co-op by its people's commands, over HTTP on loopback."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemas.agreement import load_agreement
from schemas.console import Console
from waylink.demo import SHOWN_TABLES, example_coop, fresh_folder
from waylink.exit_codes import OK
from waylink.loopback import OPERATOR, Done, Loopback, WentWrong, serving
from waylink.show import show_tables

COMMUNITY = "clients"
ANALYST, AUDITOR = "analyst", "auditor"


@dataclass
class Story:
    """The co-op's people, told step by step.

    Attributes:
        people: who give commands.
        coop: the folder with the members' files.
        members: their names; the first proposes.
        console: where it is told.
    """

    people: Loopback
    coop: Path
    members: tuple[str, ...]
    console: Console
    project: str = ""
    steps: int = 0

    @property
    def proposer(self) -> str:
        """The member that proposes."""
        return self.members[0]

    def tell(self, title: str) -> None:
        """Begin a chapter."""
        self.console.remark(f"\n# {title}")

    def say(self, who: str, *words: object, status: int = OK) -> Done:
        """Have somebody give a command, and show what they typed and were told.

        Raises:
            WentWrong: it ended with another status.
        """
        done = self.people.run(who, *words)
        self.steps += 1
        self.console.remark(f"{who}$ waylink {' '.join(done.words)}")
        self.console.remark((done.said or done.remarked).rstrip())
        if done.status != status:
            raise WentWrong(f"{who}: waylink {' '.join(done.words)} ended with {done.status}, not {status}")
        return done

    def ask(self, who: str, *words: object) -> dict[str, Any]:
        """What a command says with --json; not shown."""
        return self.people.must(who, *words, "--json").data


def run_server_demo(out: Path, data: Path | None, console: Console) -> None:
    """Tell the whole story: from an empty server to a released table and a verified log.

    Args:
        out: a folder to write; one that an earlier demo wrote is replaced.
        data: a folder like `examples/coop` (None: the one that comes with waylink).
        console: where commands and their answers are shown.

    Raises:
        WentWrong: a step did not end as it has to.
    """
    started = console.seconds()
    coop = data or example_coop()
    fresh_folder(out)
    people = Loopback(out.resolve())
    members = load_agreement(coop / "agreement.toml").members
    with serving(people) as server:
        story = Story(
            replace(people, address=server.address), coop, ("shelter", *sorted({*members} - {"shelter"})), console
        )
        _set_up(story)
        _agree(story)
        _send(story)
        run = _link(story)
        release = _release(story, run)
        _take_back(story)
        _audit(story)
    seconds = round(console.seconds() - started, 1)
    folder = people.home(ANALYST) / "release"
    tables = show_tables(folder, SHOWN_TABLES)
    told = f"{tables}\n{story.steps} commands in {seconds} s\nreport: {folder / 'report.html'}"
    console.result(
        told, {"commands": story.steps, "seconds": seconds, "release": release, "report": str(folder / "report.html")}
    )


def _set_up(story: Story) -> None:
    story.tell("The operator makes seats, accounts and access tokens, at the server's own keyboard")
    for member in story.members:
        story.say(OPERATOR, "admin", "seat", "add", member, "--data", "data")
    story.say(OPERATOR, "admin", "seat", "add", COMMUNITY, "--community", "--data", "data")
    roles = {member: ("steward", member) for member in story.members}
    roles |= {COMMUNITY: ("community", COMMUNITY), ANALYST: (ANALYST, ""), AUDITOR: (AUDITOR, "")}
    for who, (role, seat) in roles.items():
        speaks_for = ("--seat", seat) if seat else ()
        story.say(OPERATOR, "admin", "account", "add", who, "--role", role, *speaks_for, "--data", "data")
        story.people.home(who).mkdir(exist_ok=True)
        story.say(OPERATOR, "admin", "token", "new", who, "--out", f"../{who}/token.txt", "--data", "data")


def _agree(story: Story) -> None:
    story.tell("A steward proposes a project; all members and the community approve what they have read")
    text = (
        (story.coop / "agreement.toml")
        .read_text(encoding="utf-8")
        .replace("community = []", f'community = ["{COMMUNITY}"]')
    )
    for who in (*story.members, COMMUNITY):
        (story.people.home(who) / "agreement.toml").write_text(text, encoding="utf-8")
    story.say(story.proposer, "project", "propose", "agreement.toml")
    story.project = story.ask(story.proposer, "project", "list")["projects"][0]["id"]
    story.tell("Nothing can be computed before everybody has approved")
    story.say(story.proposer, "run", "start", story.project, status=6)
    for who in (*story.members[1:], COMMUNITY):
        story.say(who, "approve", story.project, "--agreement", "agreement.toml", "--yes")
    story.say(story.proposer, "project", "show", story.project)


def _send(story: Story) -> None:
    story.tell(
        "The members share a secret that the server never sees; each encodes its own list, and sends the encodings"
    )
    story.say(story.proposer, "secret", "new", "secret.txt")
    for member in story.members:
        home = story.people.home(member)
        if member != story.proposer:
            shutil.copy(story.people.home(story.proposer) / "secret.txt", home)
        for kind in ("clients", "services"):
            shutil.copy(story.coop / f"{member}_{kind}.csv", home / f"{kind}.csv")
        story.say(
            member, "encode", "clients.csv", "--services", "services.csv", "--agreement", "agreement.toml",
            "--member", member, "--secret", "secret.txt", "--out", "encoded",
        )  # fmt: skip
        story.say(member, "send", "encoded", "--project", story.project)


def _link(story: Story) -> str:
    story.tell("What would linking take? Then it is started, cancelled, and started again")
    story.say(story.proposer, "run", "estimate", story.project)
    story.say(story.proposer, "run", "start", story.project)
    first = story.ask(story.proposer, "run", "list", story.project)["runs"][-1]["id"]
    story.say(story.proposer, "run", "cancel", first)
    story.say(story.proposer, "run", "watch", first, status=6)
    story.say(story.proposer, "run", "start", story.project, "--wait")
    story.tell("Each member fetches its own link map, and no other")
    run: str = story.ask(story.proposer, "run", "list", story.project)["runs"][-1]["id"]
    for member in story.members:
        story.say(member, "results", run, "--out", "link_map.csv", "--folder", "encoded")
    return run


def _release(story: Story, run: str) -> str:
    story.tell("A release is proposed; the others review it, their votes hidden until all are in; then it is published")
    story.say(story.members[1], "audit", "head", "--keep", "head.json")
    story.say(story.proposer, "release", "propose", story.project, run, "--reader", ANALYST)
    release: str = story.ask(story.proposer, "release", "list")["releases"][0]["id"]
    count = story.ask(story.proposer, "release", "show", release)["count_run"]
    story.say(story.proposer, "run", "watch", count)
    for who in (*story.members[1:], COMMUNITY):
        story.say(who, "release", "review", release, "--approve", "--yes", "--out", "review")
    story.say(story.proposer, "release", "publish", release)
    story.say(ANALYST, "release", "download", release, "--out", "release")
    return release


def _take_back(story: Story) -> None:
    story.tell("A member takes two records back; another one leaves; everybody can read the register")
    leaver, taker = story.members[-1], story.members[1]
    clients = (story.people.home(taker) / "encoded" / "private" / "tokens.csv").read_text(encoding="utf-8").splitlines()
    ids = [line.split(",")[0] for line in clients[1:3]]
    (story.people.home(taker) / "took_back.txt").write_text("\n".join(ids) + "\n", encoding="utf-8")
    story.say(taker, "withdraw", story.project, "--clients", "took_back.txt", "--folder", "encoded")
    story.say(leaver, "project", "leave", story.project, "--yes")
    story.say(COMMUNITY, "register")


def _audit(story: Story) -> None:
    story.tell("The auditor verifies the whole log, offline, against a head that a member kept")
    story.say(AUDITOR, "audit", "export", "--out", "log.jsonl")
    kept = f"../{story.members[1]}/head.json"
    story.say(AUDITOR, "audit", "verify", "log.jsonl", "--head", kept)

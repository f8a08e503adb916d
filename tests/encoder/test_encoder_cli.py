"""The member's commands, with a front door that notes what they say."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from encoder.cli import app
from encoder.errors import InputMissing, ProblemsFound, ServicesNeeded
from encoder.secret import read_secret
from schemas.errors import OutputExists
from tests.encoder.conftest import HEADER, PEOPLE

ROOT = Path(__file__).parents[2]


class Noted:
    """A console that keeps what it is told."""

    def __init__(self):
        self.json = False
        self.said = []
        self.remarks = []
        self.answers = []
        self.asked = []
        self.done = 0

    @property
    def asks(self):
        return bool(self.answers)

    def choose(self, question, choices, values):  # noqa: ARG002 (the protocol's names)
        self.asked.append(question)
        wanted = self.answers.pop(0)
        return next(place for place, choice in enumerate(choices) if wanted in choice)

    def remark(self, text):
        self.remarks.append(text)

    def for_command(self, json):
        self.json = json
        return self

    def result(self, text, data):
        self.said.append((text, data))

    @contextmanager
    def stage(self, title, total):  # noqa: ARG002 (the protocol's names)
        def advance(units):
            self.done += units

        yield advance


@pytest.fixture
def console():
    return Noted()


@pytest.fixture
def run(console):
    def call(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], obj=console)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return SimpleNamespace(code=result.exit_code, output=result.output)

    return call


@pytest.fixture
def arguments(agreement, clients, services, tmp_path, run):
    agreement()
    run("secret", "new", tmp_path / "secret")
    named = {"agreement": tmp_path / "agreement.toml", "member": "clinic", "secret": tmp_path / "secret"}
    options = [word for name, value in named.items() for word in (f"--{name}", value)]
    return ["encode", clients, *options, "--services", services, "--out", tmp_path / "out"]


def test_a_new_secret_is_made_and_not_shown(run, console, tmp_path):
    run("secret", "new", tmp_path / "s")
    ((text, data),) = console.said
    assert read_secret(tmp_path / "s").reveal().hex() not in text + str(data)


def test_a_secret_is_never_overwritten(run, tmp_path):
    run("secret", "new", tmp_path / "s")
    with pytest.raises(OutputExists):
        run("secret", "new", tmp_path / "s")


def test_encode_says_what_leaves_and_what_stays(run, arguments, console):
    run(*arguments)
    text, data = console.said[-1]
    assert "6 records encoded, 3 services" in text
    assert "leaves:  encodings.safetensors" in text
    assert "stays:   client_id" in text
    assert data["receipt"]["counts"]["records_encoded"] == 6


def test_encode_tells_its_progress_and_its_form(run, arguments, console):
    run(*arguments, "--json")
    files = arguments[1], arguments[arguments.index("--services") + 1]
    assert console.done == 6 + sum(path.stat().st_size for path in files)  # records encoded, bytes read
    assert console.json


def test_encode_tells_each_warning_in_a_line(run, arguments, console, write):
    arguments[1] = write("c.csv", [HEADER, *(line.replace("1988-02-29", "1987-02-29") for line in PEOPLE)])
    run(*arguments)
    assert "\n  E1303 warning, 1 x: c.csv, column 'birth_date', row 5: " in console.said[-1][0]


def test_strict_stops_and_writes_nothing(run, arguments, tmp_path, write):
    arguments[1] = write("c.csv", [HEADER, *(line.replace("1988-02-29", "1987-02-29") for line in PEOPLE)])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ProblemsFound):
        run(*arguments, "--strict")
    assert set(tmp_path.iterdir()) - set(before) == {tmp_path / "out-problems.csv"}


def test_the_list_of_an_earlier_try_goes_with_the_encoding_and_no_other_file_does(run, arguments, tmp_path, write):
    sound = arguments[1]
    arguments[1] = write("c.csv", [HEADER, *(line.replace("1988-02-29", "1987-02-29") for line in PEOPLE)])
    with pytest.raises(ProblemsFound):
        run(*arguments, "--strict")
    arguments[1] = sound
    run(*arguments)
    assert not (tmp_path / "out-problems.csv").exists()
    (tmp_path / "other-problems.csv").write_text("what,we,still,have,to,do\n")
    arguments[arguments.index("--out") + 1] = tmp_path / "other"
    run(*arguments)
    assert (tmp_path / "other-problems.csv").exists()


def test_a_mapping_file_names_the_columns(run, arguments, write, console):
    arguments[1] = write("c.csv", [HEADER.replace("sex", "column 6"), *PEOPLE])
    run(*arguments, "--mapping", write("m.toml", ['[columns]\nsex = "column 6"']))
    assert console.said[-1][1]["receipt"]["columns"]["hashed"]["sex"] == "column 6"


MESSY = HEADER.replace("first_name", "Rufname").replace("sex", "G.")


def encoded_with(console):
    return console.said[-1][1]["receipt"]["columns"]["hashed"]


def test_unsure_columns_are_asked_for_once_and_never_again(run, arguments, write, console, tmp_path):
    arguments[1] = write("c.csv", [MESSY, *PEOPLE])
    console.answers = ["Rufname", "G."]
    run(*arguments)
    assert len(console.asked) == 2
    assert encoded_with(console)["first_name"] == "Rufname"
    assert f"Kept in {tmp_path / 'mapping.toml'}" in console.remarks[-1]
    console.answers = ["nobody is to be asked"]
    run(*arguments[:-1], tmp_path / "again")
    assert len(console.asked) == 2
    assert (encoded_with(console)["first_name"], encoded_with(console)["sex"]) == ("Rufname", "G.")


def test_of_a_changed_file_only_what_changed_is_asked(run, arguments, write, console, tmp_path):
    arguments[1] = write("c.csv", [MESSY, *PEOPLE])
    console.answers = ["Rufname", "none: we do not hold it"]
    run(*arguments)
    write("c.csv", [MESSY.replace("Rufname", "Called").replace("G.", "Sex"), *PEOPLE])
    console.answers = ["Called", "Sex"]
    run(*arguments[:-1], tmp_path / "again")
    assert [question.partition("?")[0] for question in console.asked[2:]] == [
        "Which column of c.csv is 'first_name'",
        "Which column of c.csv is 'sex'",
    ]
    assert (encoded_with(console)["first_name"], encoded_with(console)["sex"]) == ("Called", "Sex")
    run(*arguments[:-1], tmp_path / "third")
    assert len(console.asked) == 4


def test_a_new_column_for_a_field_that_was_not_held_is_told_where_nobody_is_asked(
    run, arguments, write, console, tmp_path
):
    arguments[1] = write("c.csv", [MESSY.replace("Rufname", "first_name"), *PEOPLE])
    console.answers = ["none: we do not hold it"]
    run(*arguments)
    write("c.csv", [HEADER, *PEOPLE])
    run(*arguments[:-1], tmp_path / "again")
    assert "E1251" in console.said[-1][0]
    assert "sex" not in encoded_with(console)


def test_yes_takes_a_sure_guess_and_keeps_it(run, arguments, write, console):
    arguments[1] = write("c.csv", [HEADER.replace("sex", "G."), *PEOPLE])
    run(*arguments, "--yes")
    assert encoded_with(console)["sex"] == "G."
    assert "sex = 'G.'" in console.remarks[-1]


def test_answers_go_into_the_mapping_file_that_was_named(run, arguments, write, tmp_path):
    arguments[1] = write("c.csv", [HEADER.replace("sex", "G."), *PEOPLE])
    run(*arguments, "--yes", "--mapping", tmp_path / "mine.toml")
    assert 'sex = "G."' in (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert not (tmp_path / "mapping.toml").exists()


def test_answers_that_cannot_be_kept_are_told_and_the_encoding_is_made(run, arguments, write, console, tmp_path):
    arguments[1] = write("c.csv", [MESSY, *PEOPLE])
    console.answers = ["Rufname", "G."]
    run(*arguments, "--mapping", tmp_path / "nowhere" / "mine.toml")
    assert encoded_with(console)["first_name"] == "Rufname"
    assert "could not be kept" in console.remarks[-1]
    assert "--mapping FILE" in console.remarks[-1]


def test_a_named_mapping_file_has_to_be_there_where_nobody_can_fill_it(run, arguments, tmp_path):
    with pytest.raises(InputMissing):
        run(*arguments, "--mapping", tmp_path / "mine.toml")


def test_yes_takes_no_guess_that_is_not_sure_and_names_the_choices(run, arguments, write):
    arguments[1] = write("c.csv", [HEADER.replace("first_name", "a").replace("last_name", "b"), *PEOPLE])
    with pytest.raises(ProblemsFound) as caught:
        run(*arguments, "--yes")
    assert "'a', 'mi', 'b'" in str(caught.value)
    assert "mapping.toml" in str(caught.value)


def test_where_nobody_can_be_asked_the_choices_and_the_ways_out_are_named(run, arguments, write):
    arguments[1] = write("c.csv", [HEADER.replace("sex", "G."), *PEOPLE])
    with pytest.raises(ProblemsFound) as caught:
        run(*arguments)
    assert all(part in str(caught.value) for part in ("'sex'", "may be 'G.'", "--yes", "mapping.toml", "terminal"))


def test_services_may_only_be_left_out_where_the_agreement_has_no_time(run, arguments):
    place = arguments.index("--services")
    with pytest.raises(ServicesNeeded):
        run(*arguments[:place], *arguments[place + 2 :])


def test_an_output_folder_that_is_there_is_refused_before_any_work(run, arguments, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(OutputExists):
        run(*arguments)


def test_the_commands_are_told_in_the_help(run):
    assert "encode" in run("--help").output
    assert "--strict" in run("encode", "--help").output


def test_encoding_does_not_wait_for_pandas():
    code = "import sys, encoder.encode; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_help_does_not_wait_for_numpy():
    code = "import sys, encoder.cli; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0

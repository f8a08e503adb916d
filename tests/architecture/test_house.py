"""The house is in order: sizes, names and words."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ZONES = ("schemas", "encoder", "linkage", "server", "waylink", "benchmarks")
LONGEST_BODY = 40
LONGEST_FILE = 400
NO_NAMES = {"utils", "helpers", "common", "misc", "types"}


MIGRATIONS = ROOT / "server" / "store" / "migrations" / "versions"  # Alembic writes them: a record, not to be read


def sources() -> list[Path]:
    found = (path for zone in ZONES for path in (ROOT / zone).rglob("*.py"))
    return sorted(path for path in found if MIGRATIONS not in path.parents)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_no_function_and_no_file_is_too_long_to_read():
    long = [
        f"{path.relative_to(ROOT)}: {f.name}"
        for path in sources()
        for f in functions(path)
        if body_lines(f) > LONGEST_BODY
    ]
    long += [str(path) for path in sources() if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE]
    assert long == []


def test_nine_functions_in_ten_are_under_thirty_lines():
    sizes = sorted(body_lines(function) for path in sources() for function in functions(path))
    assert sizes[len(sizes) // 2] <= 10
    assert sizes[len(sizes) * 9 // 10] < 30


def test_every_file_has_a_name_that_says_something():
    assert [path for path in sources() if path.stem in NO_NAMES] == []


def test_every_public_function_and_class_has_a_docstring():
    bare = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and node.name not in {"stage", "as_dict"}  # said once, at the protocol or base class
        and not _inside_something_private(path, node)
    ]
    assert bare == []


def _inside_something_private(path: Path, node: ast.AST) -> bool:
    """Whether a definition stands in a function or in a class that nobody else uses."""
    outer = [
        other
        for other in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(other, ast.FunctionDef | ast.ClassDef) and other.lineno < node.lineno <= other.end_lineno
    ]
    return any(isinstance(other, ast.FunctionDef) or other.name.startswith("_") for other in outer)


@pytest.mark.parametrize("pattern", [r"https?://[^\s\"')>]*(?:pypi|pythonhosted|npmjs)", r"/(?:home|root|tmp)/[a-z]"])
def test_no_tracked_file_names_a_registry_or_a_path_of_some_machine(pattern):
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    found = [
        name
        for name in listed.stdout.splitlines()
        if Path(name).suffix in {".py", ".md", ".toml", ".txt", ".cpp", ".hpp", ".json", ""}
        and (ROOT / name).is_file()
        and re.search(pattern, (ROOT / name).read_text("utf-8", errors="replace"))
        and not name.endswith("test_house.py")
    ]
    assert found == []


def test_constraints_pin_exact_versions_without_addresses():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[^\s/]+( ; .+)?", line)] == []


def test_the_installs_have_the_packages_that_the_design_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base, extras = project["dependencies"], project["optional-dependencies"]
    assert {"numpy", "clkhash", "safetensors", "typer", "rich"} <= names_of(base)
    assert {"anonlink", "scipy", "pandas", "highspy"} == names_of(extras["link"])
    assert {"waylink", "fastapi", "uvicorn"} <= names_of(extras["server"])
    assert {"link", "server", "postgres", "keyring", "cluster", "excel", "parquet", "dp"} <= extras.keys()


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[]", requirement)[0] for requirement in requirements}

"""The report in a real browser: no wider than a phone, nothing said on the console, nothing asked of the network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest

from linkage.release.release_files import release_files
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE, SMALL_PHONE = 390, 320  # px
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="Chromium is not installed")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_bytes(release_files(every_table(), agreement(), FACTS, checks=CHECKS)["report.html"])
    return path


def browse(url: str, profile: Path, *options: object) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None, "CI has Chromium"
    line = [CHROMIUM, *QUIET, f"--user-data-dir={profile}", *map(str, options), url]
    return subprocess.run(line, capture_output=True, text=True, timeout=180)


MEASURE = """
<iframe id="page" width="{width}" height="800" style="border:0" srcdoc="{page}"></iframe>
<script>
page.onload = () => {{
  const all = page.contentDocument;
  {before}
  document.title = "measured " + all.documentElement.scrollWidth + " " + all.documentElement.clientWidth;
}};
</script>
"""


def measured(page: str, width: int, folder: Path, before: str = "") -> tuple[int, int]:
    """How wide the page wants to be, and how wide its window is."""
    harness = folder / "harness.html"
    text = MEASURE.format(width=width, page=escape(page), before=before)
    harness.write_text(f"<!DOCTYPE html><meta charset=utf-8>{text}", "utf-8")
    shown = browse(harness.as_uri(), folder / "profile", "--dump-dom", "--virtual-time-budget=10000")
    found = re.search(r"<title>measured (\d+) (\d+)</title>", shown.stdout)
    assert found, shown.stderr[-2000:]
    return int(found[1]), int(found[2])


OPEN = "all.querySelectorAll('details').forEach(one => { one.open = true; });"


@pytest.mark.parametrize("before", ["", OPEN], ids=["folded", "unfolded"])
@pytest.mark.parametrize("width", [PHONE, SMALL_PHONE])
def test_the_page_is_no_wider_than_a_phone(page: Path, tmp_path: Path, width: int, before: str) -> None:
    wanted, there = measured(page.read_text("utf-8"), width, tmp_path, before)
    assert there <= width
    assert wanted <= there


def test_a_page_that_is_too_wide_would_be_noticed(tmp_path: Path) -> None:
    wanted, there = measured("<!DOCTYPE html><div style='width:900px'>x</div>", PHONE, tmp_path)
    assert wanted > there


def requests(url: str, folder: Path) -> tuple[list[str], str]:
    """What a page asked of the network, and what the browser said."""
    log = folder / "net.json"
    shown = browse(url, folder / "profile", f"--log-net-log={log}", "--enable-logging=stderr", "--dump-dom")
    events = json.loads(log.read_text("utf-8"))["events"]
    asked = {str(event.get("params", {}).get("url", "")) for event in events}
    return sorted(url for url in asked if "waylink" in url or "example." in url), shown.stderr


def test_the_page_asks_nothing_of_the_network_and_says_nothing_on_the_console(page: Path, tmp_path: Path) -> None:
    asked, said = requests(page.as_uri(), tmp_path)
    assert asked == []
    assert "CONSOLE" not in said


def test_a_page_that_asks_or_complains_would_be_noticed(tmp_path: Path) -> None:
    loud = tmp_path / "loud.html"
    loud.write_text("<img src='http://example.invalid/x.png'><script>console.log('hear me')</script>")
    asked, said = requests(loud.as_uri(), tmp_path)
    assert asked == ["http://example.invalid/x.png"]
    assert "hear me" in said


def test_the_report_prints_as_pages(page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    browse(page.as_uri(), tmp_path / "profile", f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    assert paper.read_bytes().startswith(b"%PDF")

"""The benchmark of the server: each section, tiny, with real processes; never how long anything takes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest

from benchmarks import server as benchmark
from benchmarks.coop import LEAVING, agreement_text, people_folders, random_folder
from benchmarks.server_memory import footprint, forget_peak, peak
from schemas import read_encodings, read_services
from schemas.agreement import parse_agreement

TINY = ["--records", "60", "--large-records", "2000", "--turns", "1", "--stewards", "6", "--senders", "2"]
TINY += ["--sent-records", "50", "--seconds", "0.5", "--pause", "0.1", "--idle-seconds", "0"]
TEXT = agreement_text("Benchmark", benchmark.MEMBERS)


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> argparse.Namespace:
    pytest.importorskip("names", reason="the benchmarks' people need names==0.3.0")
    return benchmark.parser().parse_args([*TINY, "--folder", str(tmp_path_factory.mktemp("members"))])


def test_members_folders_are_what_the_agreement_asks_for_and_are_found_again(options):
    made = people_folders(TEXT, 60, 1, options.folder)
    written = [[(one.folder / name).stat().st_mtime_ns for name in LEAVING] for one in made]
    again = people_folders(TEXT, 60, 1, options.folder)
    assert made == again
    assert written == [[(one.folder / name).stat().st_mtime_ns for name in LEAVING] for one in again]
    origins = [read_encodings(one.folder).origin for one in made]
    assert [one.member for one in origins] == list(benchmark.MEMBERS)
    assert {one.agreement_digest for one in origins} == {parse_agreement(TEXT).digest}
    assert all(len(read_encodings(one.folder)) == 60 for one in made)


def test_random_members_have_records_and_services_of_one_length(tmp_path):
    made = random_folder(TEXT, "east", 40, 1, tmp_path / "east")
    assert (len(read_encodings(made.folder)), len(read_services(made.folder))) == (40, 80)


def test_a_whole_co_op_is_linked_and_its_seconds_are_told_by_part(options):
    figures = benchmark.measure_coop(options)
    assert figures["records"] == [60] * 5
    assert {"sending", "checking of uploads", "comparing", "clustering", "link maps"} <= figures["parts"].keys()
    assert sum(figures["parts"].values()) == pytest.approx(figures["seconds"], abs=0.1)  # each part is rounded
    assert "comparing" in benchmark.show_coop(figures)


def test_a_large_upload_is_told_beside_a_plain_write(options):
    figures = benchmark.measure_upload(options)
    assert figures["bytes"] > 2000 * (128 + 16)
    assert figures["best"] == figures["turns"][0]
    assert "plain write" in benchmark.show_upload(figures)


def test_stewards_ask_and_send_without_an_error(options):
    figures = benchmark.measure_load(options)
    assert figures["errors"] == []
    assert figures["reads"] > 0
    assert figures["milliseconds"]["p50"] <= figures["milliseconds"]["p99"] <= figures["milliseconds"]["most"]
    assert "p99" in benchmark.show_load(figures)


def test_an_idle_servers_memory_is_told_by_process(options):
    figures = benchmark.measure_idle(options)
    assert figures["memory_mb"].keys() == {"api", "worker 1", "all"}
    assert figures["memory_mb"]["all"]["rss"] > figures["memory_mb"]["api"]["rss"]
    assert "ready after" in benchmark.show_idle(figures)


def test_sections_that_are_not_measured_anew_keep_their_figures(tmp_path, monkeypatch, capsys):
    kept = tmp_path / "server.json"
    kept.write_text('{"load": {"kept": true}}')
    monkeypatch.setattr(sys, "argv", ["server", "--idle", "--idle-seconds", "0", "--json", str(kept)])
    benchmark.main()
    written = json.loads(kept.read_text())
    assert written["load"] == {"kept": True}
    assert {"idle", "processor", "instruction_sets"} <= written.keys()
    assert capsys.readouterr().out.startswith("idle: ready after")


def test_this_process_has_a_footprint_and_a_peak():
    pid = int(Path("/proc/self").resolve().name)
    assert footprint(pid).rss >= footprint(pid).pss > 0
    assert forget_peak(pid) <= peak(pid)

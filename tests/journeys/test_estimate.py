"""`waylink link --estimate` says what linking would take, and links nothing."""

import json

from tests.conftest import waylink


def test_an_estimate_is_told_and_nothing_is_written(encoded_coop, tmp_path):
    done = waylink("link", encoded_coop.agreement, *encoded_coop.folders, "--estimate", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["pairs"] == 15_710 * 15_709 // 2
    assert facts["seconds"] > facts["exact_seconds"] > 0
    assert facts["how"] == "exact"
    assert list(tmp_path.iterdir()) == []


def test_for_people_it_is_a_few_lines(encoded_coop):
    done = waylink("link", encoded_coop.agreement, *encoded_coop.folders, "--estimate")
    assert "seconds to link" in done.stdout
    assert "candidate pairs" in done.stdout


def test_a_run_without_a_folder_is_refused(encoded_coop):
    done = waylink("link", encoded_coop.agreement, *encoded_coop.folders)
    assert done.returncode == 2
    assert "--out RUN" in done.stderr

"""The recipe does what its version says: members who clean differently would not find each other's people."""

from tests.encoder.cleaning.golden import FILE, lines


def test_nothing_comes_out_otherwise_than_its_version_says():
    told = "raise CLEANING_VERSION, say so in CHANGELOG.md, and write golden.tsv anew"
    assert FILE.read_text(encoding="utf-8").splitlines() == list(lines()), told

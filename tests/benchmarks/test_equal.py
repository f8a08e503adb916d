"""The check on very many pairs runs every kernel, and notices a difference."""

import numpy as np
import pytest

from benchmarks import equal
from linkage.kernel import reference


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    monkeypatch.setattr(equal, "ROWS", 60)


def test_it_goes_on_until_so_many_pairs_were_compared(tmp_path, capsys):
    pytest.importorskip("names")
    equal.check(10_000, tmp_path)
    assert "equal the reference on 14,400 pairs" in capsys.readouterr().out


def test_it_notices_a_missing_pair():
    case = next(case for case in equal.random_cases(np.random.default_rng(1)) if len(reference.scan(*case)[0]))
    left, right, score = reference.scan(*case)
    with pytest.raises(AssertionError, match="differs from the reference"):
        equal.require_equal((left[1:], right[1:], score[1:]), (left, right, score), "some kernel", case)

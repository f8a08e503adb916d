"""Withdrawn records are in nothing that comes after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.withdrawal import without_records
from schemas import Encodings, Origin, Services, Unit
from schemas.services import OPEN_END

ORIGIN = Origin("east", "a" * 64)


def member(records, served, unit=Unit.MONTH):
    """Records 0 .. n - 1, whose token says which they are, and services of some of them."""
    tokens = np.repeat(np.arange(records, dtype=np.uint8)[:, None], 16, axis=1)
    encodings = Encodings(np.arange(2 * records, dtype=np.uint8).reshape(records, 2), tokens, ORIGIN)
    times = np.arange(len(served) if unit is not Unit.NONE else 0, dtype=np.int32)
    rows = np.array(served, np.int64)
    service = np.arange(len(served), dtype=np.uint16)
    names = tuple(f"s{number}" for number in range(len(served)))
    return encodings, Services(tokens[rows], service, names, unit, times, np.full_like(times, OPEN_END), ORIGIN)


def tokens_of(numbers):
    return np.repeat(np.array(numbers, np.uint8)[:, None], 16, axis=1)


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.NONE])
@given(
    records=st.integers(1, 20),
    served=st.lists(st.integers(0, 19), max_size=30),
    gone=st.lists(st.integers(0, 25), max_size=8),
)
def test_exactly_the_withdrawn_records_are_gone_and_the_rest_is_as_it_was(unit, records, served, gone):
    served = [record for record in served if record < records]
    before = member(records, served, unit)
    encodings, services = without_records(*before, tokens_of(gone))
    stays = [record for record in range(records) if record not in gone]
    still = [at for at, record in enumerate(served) if record not in gone]
    assert encodings.tokens[:, 0].tolist() == stays
    assert encodings.bits.tolist() == before[0].bits[stays].tolist()
    assert services.tokens[:, 0].tolist() == [served[at] for at in still]
    assert services.service.tolist() == still
    assert services.start.tolist() == (still if unit is Unit.MONTH else [])
    assert len(services.end) == len(services.start)
    assert (encodings.origin, services.origin, services.names) == (ORIGIN, ORIGIN, before[1].names)


def test_a_token_that_nobody_has_is_no_error_and_changes_nothing():
    before = member(3, [0, 2])
    encodings, services = without_records(*before, tokens_of([9]))
    assert encodings.bits.tobytes() == before[0].bits.tobytes()
    assert services.tokens.tobytes() == before[1].tokens.tobytes()


def test_all_of_a_members_records_can_be_withdrawn():
    encodings, services = without_records(*member(2, [0, 1, 1]), tokens_of([0, 1]))
    assert (len(encodings), encodings.bits.shape, len(services), services.tokens.shape) == (0, (0, 2), 0, (0, 16))

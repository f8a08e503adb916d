"""The services' names leave in clear: a column of people or ids in their place is refused."""

import pytest

from encoder.encode import encode_clients
from encoder.errors import ProblemsFound
from tests.encoder.conftest import PEOPLE, SERVICES


def codes(agreement, write, secret, clients, rows):
    served = write("people_as_services.csv", [SERVICES[0], *rows])
    with pytest.raises(ProblemsFound) as caught:
        encode_clients(clients, agreement(), "clinic", secret, services=served)
    return {problem.code for problem in caught.value.problems}


def named(line, order):
    cells = line.split(",")
    return " ".join(cells[place] for place in order)


@pytest.mark.parametrize("order", [(1, 3), (3, 1)], ids=["first last", "last first"])
def test_full_names_are_refused(agreement, write, secret, clients, order):
    rows = [f"{line.split(',')[0]},{named(line, order).upper()},2024-01-01," for line in PEOPLE]
    assert "E1407" in codes(agreement, write, secret, clients, rows)


def test_client_ids_are_refused(agreement, write, secret, clients):
    rows = [f"{line.split(',')[0]},{line.split(',')[0].lower()},2024-01-01," for line in PEOPLE]
    assert "E1407" in codes(agreement, write, secret, clients, rows)


def test_nearly_as_many_names_as_rows_are_refused(agreement, write, secret, clients):
    rows = [f"{PEOPLE[0].split(',')[0]},note {row},2024-01-01," for row in range(15)]
    assert "E1406" in codes(agreement, write, secret, clients, rows)

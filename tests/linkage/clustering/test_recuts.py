"""Where else a clustering is cut, to see how much the counts hang on the threshold."""

import pytest

from linkage.clustering.recuts import cuts_beside
from linkage.clustering.threshold import How, Strangers, Threshold

LOW = Strangers(floor=0.5, typical=0.3)


@pytest.mark.parametrize(
    ("threshold", "cuts"),
    [
        (Threshold(0.7, How.GIVEN, ""), (0.68, 0.72)),
        (Threshold(0.7, How.FOUND, "", standard_error=0.004), (0.68, 0.72)),
        (Threshold(0.7, How.FOUND, "", standard_error=0.025), (0.65, 0.75)),
        (Threshold(0.69, How.DEFAULT, ""), (0.65, 0.73)),
        (Threshold(0.99, How.GIVEN, ""), (0.97, 1.0)),
        (Threshold(1.0, How.GIVEN, ""), (0.98,)),
    ],
)
def test_the_distance_is_two_standard_errors_or_002_and_no_cut_is_over_1(threshold, cuts):
    assert cuts_beside(threshold, LOW) == cuts


def test_no_cut_is_under_the_score_from_which_there_are_candidates():
    given = Threshold(0.7, How.GIVEN, "")
    assert cuts_beside(given, Strangers(floor=0.69, typical=0.3)) == (0.69, 0.72)
    assert cuts_beside(given, Strangers(floor=0.7, typical=0.3)) == (0.72,)


def test_no_cut_is_so_low_that_strangers_count_as_much():
    assert cuts_beside(Threshold(0.5, How.GIVEN, ""), Strangers(floor=0.4, typical=0.49)) == (0.52,)

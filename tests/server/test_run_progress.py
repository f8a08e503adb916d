"""Progress is told in shares, and whoever is told may stop the work."""

import pytest

from server.worker.run_progress import Halt, Halted, RunProgress


class Seconds:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


def test_progress_is_a_share_of_the_stage_and_about_how_long_it_has_left(seconds):
    progress = RunProgress(seconds)
    assert progress.told() == {"stage": "starting", "done": 0.0, "seconds_left": None}
    with progress.stage("comparing", 123_457) as advance:
        seconds.now = 10.0
        advance(41_152)
        assert progress.told() == {"stage": "comparing", "done": 0.33, "seconds_left": 20.0}


def test_no_more_than_all_is_ever_done(seconds):
    progress = RunProgress(seconds)
    with progress.stage("comparing", 10) as advance:
        advance(25)
        assert progress.told()["done"] == 1.0


def test_a_stage_of_nothing_is_told_too(seconds):
    progress = RunProgress(seconds)
    with progress.stage("comparing", 0):
        assert progress.told() == {"stage": "comparing", "done": 0.0, "seconds_left": None}


def test_after_an_inner_stage_the_outer_one_goes_on(seconds):
    progress = RunProgress(seconds)
    with progress.stage("outer", 4) as advance:
        advance(1)
        with progress.stage("inner", 2) as inner:
            inner(1)
            assert progress.told()["stage"] == "inner"
        advance(1)
        assert (progress.told()["stage"], progress.told()["done"]) == ("outer", 0.5)


def test_what_stages_took_is_added_up_by_title(seconds):
    progress = RunProgress(seconds)
    for took in (3.0, 4.0):
        with progress.stage("checking", 1):
            seconds.now += took
    assert progress.spent == {"checking": 7.0}


def test_the_first_reason_to_stop_is_raised_at_the_next_word(seconds):
    progress = RunProgress(seconds)
    with progress.stage("comparing", 2) as advance:
        advance(1)
        progress.halt(Halt.CANCELLED)
        progress.halt(Halt.LOST)
        for word in (lambda: advance(0), progress.check, lambda: progress.stage("next", 1).__enter__()):
            with pytest.raises(Halted) as halted:
                word()
            assert halted.value.why is Halt.CANCELLED

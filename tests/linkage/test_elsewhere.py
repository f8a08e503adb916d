"""Answers turned at random: what a member gets of its records elsewhere, and what that hides."""

import numpy as np
import pytest

from linkage.clustering.groups import number_groups
from linkage.elsewhere import TURNED, Elsewhere, draw_answers, elsewhere_bytes, read_elsewhere
from schemas.errors import BrokenFile, FileMissing

OFFSETS = np.array([0, 4, 7, 9])
GROUPS = number_groups(OFFSETS, np.array([0, 1, 0, 2, 1, 3, 4, 4, 5]))
TRUE = [[False, True, False, False], [True, False, True], [True, False]]


def never_turned(count: int) -> bytes:
    return b"\xff" * count


def test_where_no_answer_is_turned_they_say_who_is_at_another_member():
    assert [one.tolist() for one in draw_answers(GROUPS, never_turned)] == TRUE


def test_records_of_one_person_have_one_answer_at_a_member_and_one_in_four_is_turned():
    rng = np.random.default_rng(1)
    turned = []
    for _ in range(2000):
        answers = draw_answers(GROUPS, rng.bytes)
        assert answers[0][0] == answers[0][2]
        turned += [one ^ np.array(true) for one, true in zip(answers, TRUE, strict=True)]
    assert np.concatenate(turned).mean() == pytest.approx(TURNED, abs=0.01)  # 18,000 answers: five standard errors


def test_an_answer_is_at_most_three_times_as_likely_when_true_as_when_not():
    bytes_for_yes = [
        sum(bool(draw_answers(GROUPS, lambda count, b=b: bytes([b]) * count)[0][row]) for b in range(256))
        for row in (0, 1)  # one that is nowhere else, one that is
    ]
    assert bytes_for_yes == [64, 192]


def test_answers_are_read_as_they_were_written(tmp_path):
    tokens = np.random.default_rng(2).integers(0, 256, (50, 16), np.uint8)
    answers = np.random.default_rng(3).random(50) < 0.5
    path = tmp_path / "elsewhere.csv"
    path.write_bytes(elsewhere_bytes(Elsewhere(tokens, answers)))
    found = read_elsewhere(path)
    said = {token.tobytes(): answer for token, answer in zip(tokens, answers.tolist(), strict=True)}
    assert {t.tobytes(): a for t, a in zip(found.tokens, found.answers.tolist(), strict=True)} == said
    assert path.read_text().splitlines()[1:] == sorted(path.read_text().splitlines()[1:])


ROW = "00" * 16 + ",1\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "token,link_id\n",
        f"token,elsewhere\n{ROW}{ROW}",
        "token,elsewhere\nzz,1\n",
        f"token,elsewhere\n{ROW[:-2]}2\n",
    ],
)
def test_anything_else_is_refused(tmp_path, text):
    (tmp_path / "one.csv").write_text(text)
    with pytest.raises(BrokenFile, match="token,elsewhere"):
        read_elsewhere(tmp_path / "one.csv")
    with pytest.raises(FileMissing):
        read_elsewhere(tmp_path / "other.csv")

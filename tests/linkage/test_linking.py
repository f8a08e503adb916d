"""Linking: which records are one person, and everything that is proven before anything is compared."""

import numpy as np
import pytest

from linkage import link
from linkage.clustering.threshold import How
from linkage.errors import BadInput, NothingInCommon, UnlikeEncodings, WrongAgreement
from schemas import Compare, Encodings
from schemas.errors import MemberNotNamed
from tests.linkage.coops import MEMBERS, small_agreement, small_coop, with_origin

AGREEMENT = small_agreement()


def linked(agreement=AGREEMENT, encodings=None):
    return link(encodings or small_coop(agreement)[0], agreement)


@pytest.mark.parametrize("clustering", ["average", "greedy"])
def test_the_true_people_are_found(clustering):
    agreement = small_agreement(f'clustering = "{clustering}"')
    encodings, whose = small_coop(agreement)
    found = linked(agreement, encodings)
    true = np.concatenate(whose)
    together = found.groups.label[:, None] == found.groups.label[None, :]
    assert np.array_equal(together, true[:, None] == true[None, :])
    assert found.members == MEMBERS


@pytest.mark.parametrize("clustering", ["average", "greedy"])
def test_where_lists_hold_no_duplicates_no_member_has_a_person_twice(clustering):
    agreement = small_agreement(f'clustering = "{clustering}"\nduplicates_inside_member = "no"')
    found = linked(agreement, small_coop(agreement)[0])
    for member in range(3):
        label = found.groups.of_member(member)
        assert len(np.unique(label)) == len(label)


def test_the_order_in_which_members_are_given_changes_nothing():
    encodings, _ = small_coop(AGREEMENT)
    one, other = (linked(AGREEMENT, order) for order in (encodings, encodings[::-1]))
    assert np.array_equal(one.groups.label, other.groups.label)
    assert (one.threshold, one.strangers) == (other.threshold, other.strangers)


def test_link_ids_are_random_and_shared_by_the_records_of_a_person():
    encodings, _ = small_coop(AGREEMENT)
    one, other = (linked(AGREEMENT, encodings) for _ in range(2))
    ids = [np.concatenate([m.link_ids for m in run.link_maps]) for run in (one, other)]
    assert not {i.tobytes() for i in ids[0]} & {i.tobytes() for i in ids[1]}
    same = (ids[0][:, None] == ids[0][None, :]).all(axis=2)
    assert np.array_equal(same, one.groups.label[:, None] == one.groups.label[None, :])


def test_the_threshold_that_the_agreement_gives_is_used():
    found = linked()
    assert (found.threshold.value, found.threshold.how) == (0.8, How.GIVEN)
    assert found.compared.how is Compare.EXACT


def test_too_small_a_co_op_falls_back_to_the_stated_default():
    agreement = small_agreement('threshold = "auto"')
    assert linked(agreement, small_coop(agreement, people=20)[0]).threshold.how is How.DEFAULT


def test_what_was_checked_again_with_anonlink_is_said():
    check = linked().selfcheck
    assert check.pairs_checked > 1000
    assert check.candidates_checked > 10


def test_one_member_alone_is_refused():
    with pytest.raises(BadInput, match="two members"):
        linked(AGREEMENT, small_coop(AGREEMENT)[0][:1])


def test_a_member_twice_is_refused():
    encodings, _ = small_coop(AGREEMENT)
    with pytest.raises(BadInput, match="each once"):
        linked(AGREEMENT, [encodings[0], encodings[0], encodings[1]])


@pytest.mark.parametrize(
    ("changes", "error", "word"),
    [
        ({"member": "south"}, MemberNotNamed, "south"),
        ({"agreement_digest": "0" * 64}, WrongAgreement, "another agreement"),
        ({"schema_digest": "0" * 64}, UnlikeEncodings, "another linkage schema"),
        ({"key_check": "0" * 64}, UnlikeEncodings, r"east, north \| west"),
        ({"cleaning_version": "2"}, UnlikeEncodings, "versions of cleaning"),
    ],
)
def test_encodings_that_cannot_be_compared_are_refused(changes, error, word):
    encodings, _ = small_coop(AGREEMENT)
    with pytest.raises(error, match=word):
        linked(AGREEMENT, [*encodings[:2], with_origin(encodings[2], **changes)])


def test_clks_of_another_length_are_refused():
    encodings, _ = small_coop(AGREEMENT)
    short = Encodings(encodings[2].bits[:, :64], encodings[2].tokens, encodings[2].origin)
    with pytest.raises(UnlikeEncodings, match="another length"):
        linked(AGREEMENT, [*encodings[:2], short])


def test_a_member_without_records_is_refused():
    encodings, _ = small_coop(AGREEMENT)
    none = Encodings(encodings[2].bits[:0], encodings[2].tokens[:0], encodings[2].origin)
    with pytest.raises(UnlikeEncodings, match="no records"):
        linked(AGREEMENT, [*encodings[:2], none])


def test_a_token_at_two_members_is_refused():
    encodings, _ = small_coop(AGREEMENT)
    copied = with_origin(encodings[0], member="west")
    with pytest.raises(UnlikeEncodings, match="token"):
        linked(AGREEMENT, [*encodings[:2], copied])


def test_members_without_anyone_in_common_are_told_so():
    one, other = (small_coop(AGREEMENT, seed=seed)[0] for seed in (1, 2))
    with pytest.raises(NothingInCommon, match="no person was found at two members"):
        linked(AGREEMENT, [one[0], other[1]])

"""A run's link maps as one piece: read back as they were, and nothing else is taken for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.link_detail import LinkDetail
from linkage.link_map import LinkMap, link_map_bytes
from server.domain.links import LinksBroken, RunLinks, pack_links, unpack_links

KEY = bytes(range(32))


def maps_of(counts, seed=1):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, 256, (5, 16)).astype(np.uint8)
    return {
        member: LinkMap(rng.integers(0, 256, (count, 16)).astype(np.uint8), ids[rng.integers(0, 5, count)])
        for member, count in counts.items()
    }


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)


@given(st.dictionaries(names, st.integers(0, 8), max_size=5))
def test_what_was_packed_is_read_back(counts):
    maps = maps_of(counts)
    found = unpack_links(pack_links(RunLinks(KEY, maps)))
    assert found.recipient_key == KEY
    assert list(found.maps) == sorted(maps)
    for member, link_map in maps.items():
        assert np.array_equal(found.maps[member].tokens, link_map.tokens)
        assert np.array_equal(found.maps[member].link_ids, link_map.link_ids)


def detail_for(maps, cuts=2):
    rng = np.random.default_rng(2)
    return LinkDetail({member: rng.integers(0, 9, (cuts, len(one.tokens)), np.int32) for member, one in maps.items()})


@given(st.dictionaries(names, st.integers(0, 8), min_size=1, max_size=4), st.integers(0, 2))
def test_what_counting_takes_beside_them_is_read_back(counts, cuts):
    maps = maps_of(counts)
    detail = detail_for(maps, cuts)
    found = unpack_links(pack_links(RunLinks(KEY, maps, detail))).detail
    for member in maps:
        assert np.array_equal(found.persons[member], detail.persons[member])


def test_links_that_an_earlier_server_packed_are_read_and_have_nothing_beside_them():
    found = unpack_links(pack_links(RunLinks(KEY, maps_of({"a": 3}))))
    assert not found.detail.persons
    assert found.detail.persons_of(["a"]) == []


def test_a_members_own_map_is_the_same_whatever_counting_takes_beside_it():
    maps = maps_of({"a": 4, "b": 3})
    bare, full = (RunLinks(KEY, maps, detail) for detail in (LinkDetail({}), detail_for(maps)))
    assert link_map_bytes(bare.of_member("a")) == link_map_bytes(full.of_member("a"))


def test_each_member_gets_the_answers_about_its_own_records_and_none_where_none_were_drawn():
    maps = maps_of({"a": 4, "b": 3})
    answers = {"a": np.array([True, False, True, True]), "b": np.array([False, False, True])}
    found = unpack_links(pack_links(RunLinks(KEY, maps, answers=answers)))
    for member, drawn in answers.items():
        own = found.elsewhere_of(member)
        assert own.answers.tolist() == drawn.tolist()
        assert np.array_equal(own.tokens, maps[member].tokens)
    assert unpack_links(pack_links(RunLinks(KEY, maps))).elsewhere_of("a") is None


def test_persons_of_other_records_are_refused():
    maps = maps_of({"a": 4, "b": 3})
    for wrong in (detail_for(maps_of({"a": 4, "b": 2})), detail_for(maps_of({"a": 4}))):
        with pytest.raises(LinksBroken):
            unpack_links(pack_links(RunLinks(KEY, maps, wrong)))


def test_equal_maps_are_equal_bytes_in_whichever_order_they_come():
    maps = maps_of({"b": 3, "a": 4, "recipient_key": 2})
    backwards = dict(reversed(list(maps.items())))
    assert pack_links(RunLinks(KEY, maps)) == pack_links(RunLinks(KEY, backwards))


@pytest.mark.parametrize("data", [b"", b"nothing of the kind", pack_links(RunLinks(KEY, maps_of({"a": 3})))[:-1]])
def test_anything_else_is_refused(data):
    with pytest.raises(LinksBroken):
        unpack_links(data)


def test_records_of_one_person_have_one_link_id_in_a_members_own_map_too():
    maps = maps_of({"a": 8, "b": 8})
    own = RunLinks(KEY, maps).of_member("a")
    for one in range(8):
        for other in range(8):
            same = np.array_equal(maps["a"].link_ids[one], maps["a"].link_ids[other])
            assert np.array_equal(own.link_ids[one], own.link_ids[other]) is same


def test_link_maps_do_not_show_themselves():
    assert "array" not in repr(RunLinks(KEY, maps_of({"a": 1})))

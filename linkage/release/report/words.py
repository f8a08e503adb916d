"""What the report says about each table, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Wording(NamedTuple):
    """A table's heading, and how to understand it."""

    heading: str
    explained: str


WORDS: Mapping[str, Wording] = {
    "unduplicated": Wording(
        "How many different people",
        "Records are lines on a member's list with a service that counts here; people are those records after the ones "
        "that belong to one person are counted once. The last line counts everybody once over all members: the sum of "
        "people is what adding up the members' own numbers would give, and the reduction is the share of that sum that "
        "is people counted again.",
    ),
    "set_pathway": Wording(
        "Which combinations",
        "Every person is in exactly one line: the line of all the places that person was at. So the lines can be added "
        "up. Someone at shelter and clinic is in “clinic+shelter”, not in “clinic”.",
    ),
    "overlap_pairs": Wording(
        "How much two places have in common",
        "People who were at both places, wherever else they were, so the lines cannot be added up. The share of either "
        "is the people at both, of all people at one or the other.",
    ),
    "grouped_pathway": Wording(
        "Pathways in the groups that were agreed",
        "The members named these groups of pathways in their agreement. Every person is in exactly one of them, or in "
        "the last line.",
    ),
    "ordered_pathway": Wording(
        "In which order people first came",
        "Every person is in exactly one line. “shelter>clinic” means shelter first, clinic later; “clinic+shelter” "
        "means that both began in the same period. Each place is named once, when it first began. Rare orders are "
        "together in the last line.",
    ),
    "sequence_pathway": Wording(
        "Every step, with returns",
        "As before, but a place is named again when people come back to it: “shelter>clinic>shelter”. After five steps "
        "the rest is written as “…”. Rare sequences are together in the last line.",
    ),
    "contains_path": Wording(
        "The pathways that were asked for",
        "People who took this way at least once, and the people who were at its first place. “loose” allows other "
        "places in between, “direct” does not.",
    ),
    "transition_matrix": Wording(
        "From where to where",
        "Every move from one place to the next, so a person who moved often counts often. (start) is the first place "
        "of a person, (end) means that no other place came after, (several) that several places began together.",
    ),
    "transition_within": Wording(
        "Where people went first, and how soon",
        "People who left a place and could be followed long enough: the first place they entered after it, by the "
        "number of days. Coming back to the same place counts as a return when it took more than two weeks.",
    ),
    "first_touch": Wording(
        "Where people came first",
        "The place of each person's earliest stay. Where several began in the same period, they stand together.",
    ),
    "last_touch": Wording(
        "Where people were last",
        "The place of each person's latest stay. Where several ended in the same period, they stand together.",
    ),
    "dwell": Wording(
        "How long people stayed",
        "Each person's first stay at a place, in days. The median is the day by which half of the people had left, the "
        "quartiles a quarter and three quarters; people who were still there are taken into account.",
    ),
    "lag": Wording(
        "How long it took to get from one place to another",
        "Days from first leaving one place to first entering the other after it. Most people never went there, so the "
        "median often has no value: then fewer than half of them arrived.",
    ),
    "flow_by_period": Wording(
        "Who came and who went",
        "New people are there for the first time, returning ones come back after a period without the place, "
        "continuing ones were there in the period before, leaving ones are not there in the next.",
    ),
    "coverage_estimate": Wording(
        "How many there may be in all",
        "Not a count: a rough guide, by a model, to how many people in need there are altogether, whether or not "
        "anybody saw them (capture and recapture, corrected for wrong and missed links). It assumes that nobody came "
        "or went meanwhile, that being on one list does not change the chance of being on the other, and that "
        "everybody is equally likely to be on a list. That is nearly never true: where one place sends people to the "
        "other the number is too low, where they serve different people it is too high, and the interval does not "
        "cover that.",
    ),
    "link_quality": Wording(
        "How well the lists could be matched",
        "Which share of each member's people was found at another member, too; how full their records are (of the "
        "usual number of bits; the fields themselves nobody sees here); at how many members people are; and how alike "
        "the pairs of records are that were looked at.",
    ),
}
"""By table."""

MARKS = {
    "[c]": "is a number that is not shown: it is {small}, or it would give such a number away. Which of the two is not "
    "told. It is not zero, and often not small.",
    "[z]": "has no meaning in that place, or cannot be known.{zero}",
    "[x]": "was not approved by the members.",
}
"""What the marks mean, after them; `small` is the range of numbers that are too small, `zero` what a 0 is."""

REAL_ZERO = " A 0 is a real zero."  # after [z], where numbers have no noise

NOISE = (
    "Every number is off by some people, up or down, by chance: noise keeps anybody's part in it from being seen. A 0 "
    "need not be nobody, small numbers say little, and parts need not add up to their whole."
)
RANGE = (
    "Under a number. Whether two records are one person is decided by how alike they are; the smaller numbers say what "
    "the count would be, at least and at most, if that line were drawn a little higher or a little lower. They are "
    "rounded outward, and they are not a confidence interval."
)
MODEL = (
    "Corrected by a model for records that were matched by mistake or missed, with an interval that should hold the "
    "true number 19 times in 20 if the model is right. Not a count; counts are never replaced by it."
)
SIGNS = "“>” means later, “+” together or in the same period, “…” that more steps came."

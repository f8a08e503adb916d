"""The whole table of broken files."""

from tests.encoder.broken import content, hmis, reading
from tests.encoder.broken.case import Broken

ALL: tuple[Broken, ...] = (*reading.CASES, *hmis.CASES, *content.CASES)
"""Every broken file, in the order of its room."""

"""Leave out records that were withdrawn: a member's encodings and services without some record tokens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas import Encodings, Services
from schemas.encodings import Tokens


def without_records(encodings: Encodings, services: Services, tokens: Tokens) -> tuple[Encodings, Services]:
    """A member's encodings and services without the records of these tokens; what is left keeps its order.

    A token that is in neither is no error: it may have been withdrawn before. The result may hold no records at all,
    which linking refuses. Service records without times, as at the data level membership, stay without.

    Args:
        encodings: a member's CLKs.
        services: the same member's service records.
        tokens: uint8 (withdrawn, 16).
    """
    return encodings_without(encodings, tokens), services_without(services, tokens)


def encodings_without(encodings: Encodings, tokens: Tokens) -> Encodings:
    """As `without_records`, for the encodings alone: linking needs no services."""
    stay = _others(encodings.tokens, tokens)
    return replace(encodings, bits=encodings.bits[stay], tokens=encodings.tokens[stay])


def services_without(services: Services, tokens: Tokens) -> Services:
    """As `without_records`, for the services alone: counting needs no encodings."""
    served = _others(services.tokens, tokens)
    start, end = (time[served] if len(time) else time for time in (services.start, services.end))
    return replace(services, tokens=services.tokens[served], service=services.service[served], start=start, end=end)


def _others(tokens: Tokens, leave_out: Tokens) -> NDArray[np.bool_]:
    withdrawn = {token.tobytes() for token in leave_out}
    return np.array([token.tobytes() not in withdrawn for token in tokens], np.bool_)

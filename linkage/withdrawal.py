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
    withdrawn = {token.tobytes() for token in tokens}
    stay, served = (_others(own, withdrawn) for own in (encodings.tokens, services.tokens))
    start, end = (time[served] if len(time) else time for time in (services.start, services.end))
    return (
        replace(encodings, bits=encodings.bits[stay], tokens=encodings.tokens[stay]),
        replace(services, tokens=services.tokens[served], service=services.service[served], start=start, end=end),
    )


def _others(tokens: Tokens, withdrawn: set[bytes]) -> NDArray[np.bool_]:
    return np.array([token.tobytes() not in withdrawn for token in tokens], np.bool_)

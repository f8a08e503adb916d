"""The member's room: identifiers and the secret, offline. Clients in; encodings, services and a receipt out.

`encode_table` is what others build on; it is loaded when first used (`schemas/lazily.py`).
"""

from typing import TYPE_CHECKING

from schemas.lazily import lazy_names

if TYPE_CHECKING:
    from encoder.table import encode_table

__all__ = ["encode_table"]

__getattr__ = lazy_names(__name__, {"encode_table": "encoder.table"})

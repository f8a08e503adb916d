"""Secrets, keys and tokens: objects that do not show what they hold."""

from __future__ import annotations

from typing import NoReturn


class Hidden:
    """Base of whatever holds a secret: no repr, pickle or copy shows it, only the method that its class gives."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(not shown)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is not pickled or copied")

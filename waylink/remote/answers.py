"""What the server answers, as typed values: a JSON value is held to the form of a dataclass, or refused."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from waylink.remote.errors import BadAnswer

T = TypeVar("T")


class _Unfit(Exception):
    """A value has not the form; its text is the place, key by key."""


def read_as(form: type[T], value: object) -> T:
    """A JSON value as `form`: a dataclass, `list[...]`, `dict[str, ...]`, `X | None`, str, int, float, bool or Any.

    Keys that the form does not know are left out: a newer server may say more.

    Raises:
        BadAnswer: it has another form.
    """
    try:
        return cast(T, _read(form, value))
    except _Unfit as fault:
        what = "the server's answer has not the form of the API"
        place = f": {fault}" if str(fault) else ""
        raise BadAnswer(what + place, fix="is it a waylink server, of this version?") from None


def _read(form: Any, value: object) -> Any:  # noqa: ANN401 (a form is any type)
    if form is Any:
        return value
    if is_dataclass(form):
        return _read_fields(cast(type, form), value)
    origin = get_origin(form)
    if origin in (Union, types.UnionType):
        return _read_one_of(get_args(form), value)
    if origin is list and isinstance(value, list):
        return [_read(get_args(form)[0], item) for item in value]
    if origin is dict and isinstance(value, dict):
        return {str(key): _read(get_args(form)[1], item) for key, item in value.items()}
    if form is float and type(value) is int:
        return float(value)
    if type(value) is form:  # exactly: True is no int
        return value
    raise _Unfit


def _read_fields(form: type, value: object) -> Any:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise _Unfit
    hints = _hints(form)
    given = {}
    for one in fields(form):
        if one.name in value:
            try:
                given[one.name] = _read(hints[one.name], value[one.name])
            except _Unfit as fault:
                raise _Unfit(f"{one.name}.{fault}".rstrip(".")) from None
        elif one.default is MISSING and one.default_factory is MISSING:
            raise _Unfit(f"{one.name} is missing")
    return form(**given)


def _read_one_of(forms: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401
    for form in forms:
        try:
            return _read(form, value)
        except _Unfit:
            continue
    raise _Unfit


@cache
def _hints(form: type) -> dict[str, Any]:
    return get_type_hints(form)

"""Where the server is: an address to which a token may be sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from waylink.remote.errors import BadAddress, BadId

_ID = re.compile(r"[0-9a-f]{32}")
_HOST_ALONE = re.compile(r"(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]+)?/?", re.IGNORECASE)
_OWN_PATH = re.compile(r"/(api|healthz|readyz|metrics)(/|$)")
"""Paths that the server has itself. Another one may be where a proxy has put it."""

_EXAMPLE = "write it as https://waylink.example.org"


@dataclass(frozen=True)
class Address:
    """A server's address. Made by `parse_address`.

    Attributes:
        url: with scheme, host and perhaps a proxy's path, without a slash at the end.
        secure: whether TLS protects what goes there; if not, it is this computer.
        on_this_computer: whether it is.
    """

    url: str
    secure: bool
    on_this_computer: bool

    def __str__(self) -> str:
        return self.url


def parse_address(text: str) -> Address:
    """The address in a text.

    Raises:
        BadAddress: it is no address of a server; it holds a password; or it is plain http to another computer, which
            would show the access token to everybody on the way.
    """
    text = text.strip()
    if "@" in text:
        raise BadAddress("the server's address holds a user name or password", fix="leave it out; tokens come by file")
    if _HOST_ALONE.fullmatch(text):
        kind = "http" if _is_this_computer(urlsplit(f"//{text}").hostname or "") else "https"
        raise BadAddress("says no scheme", where=text, fix=f"write it as {kind}://{text}")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port  # a port that is no number is a ValueError
    except ValueError:
        raise BadAddress("the server's address cannot be read", fix=_EXAMPLE) from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise BadAddress("is not the address of a server", where=text, fix=_EXAMPLE)
    if _OWN_PATH.match(parts.path):
        bare = f"{parts.scheme}://{parts.netloc}"
        raise BadAddress("is the address of a page of the server", where=text, fix=f"leave out its path: {bare}")
    here = _is_this_computer(host)
    if parts.scheme == "http" and not here:
        raise BadAddress("plain http would show the access token on the way", where=text, fix="use https://")
    return Address(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", parts.scheme == "https", here)


def require_id(text: str, kind: str) -> str:
    """The text as an id (32 hexadecimal digits), which can stand in a path; BadId where it is none."""
    if not _ID.fullmatch(text):
        raise BadId(f"is not the id of a {kind}", where=text, fix="ids have 32 digits, 0-9 and a-f; see the list")
    return text


def _is_this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

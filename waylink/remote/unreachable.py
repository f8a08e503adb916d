"""Why a server could not be reached, and what to do. The text of the library's error is not repeated."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as TookTooLong

from waylink.remote.address import Address
from waylink.remote.errors import Unreachable

_LOOK_SECONDS = 2.0


def unreachable(server: Address, error: HTTPError) -> Unreachable:
    """The error that stands for what broke on the way to a server."""
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, SSLError):
        what, fix = _tls_fault(server, cause)
    elif isinstance(cause, ConnectTimeoutError | NewConnectionError):
        what, fix = "cannot be reached", "is the address right, and is the server running?"
    elif isinstance(cause, TookTooLong):
        what, fix = "did not answer in time", "try again; ask its operator if it stays like this"
    elif isinstance(cause, ProtocolError) and not server.secure and _speaks_tls(server):
        what, fix = "speaks TLS, and was asked without", f"write {server.url.replace('http://', 'https://', 1)}"
    else:
        what, fix = "the connection broke", "try again"
    return Unreachable(what, where=server.url, fix=fix)


def _tls_fault(server: Address, error: SSLError) -> tuple[str, str]:
    """What is wrong with TLS, and what to do: its certificate, or that there is none at all."""
    fault = error.args[0] if error.args else None
    if isinstance(fault, ssl.SSLCertVerificationError):
        reason = f" ({fault.verify_message.rstrip('.')})" if fault.verify_message else ""
        return f"its certificate does not hold{reason}", "name the authority that vouches for it with --ca FILE"
    fix = "is it the right port?"
    if server.on_this_computer:
        fix += f" A server on this computer without a certificate is {server.url.replace('https://', 'http://', 1)}"
    return "does not speak TLS as it should", fix


def _speaks_tls(server: Address) -> bool:
    """Whether what listens there answers to a TLS handshake. Anybody's certificate will do: nothing is sent."""
    parts, anybody = urlsplit(server.url), ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 80), timeout=_LOOK_SECONDS) as line,
            anybody.wrap_socket(line),
        ):
            return True
    except OSError:  # ssl's errors are such, too
        return False

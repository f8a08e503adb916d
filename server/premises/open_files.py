"""Files whose content is nobody else's on the machine, and whose mode does not say so."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from server.premises.settings import Settings, holds_password


def open_files(settings: Settings, settings_file: Path) -> Mapping[str, Path]:
    """Files that are open to others, by what they hold; for a warning: how a machine is run is its operator's to say.

    A group counts as others unless it is the server's own: a file of root's that the server's group may read is fine.
    The folder is not looked at: it may be shut, and a copy of the file lie elsewhere.
    """
    files = {}
    if holds_password(settings_file):
        files["the database's password"] = settings_file
    if settings.tls_key is not None:
        files["the private key of the certificate"] = settings.tls_key
    return {what: file for what, file in files.items() if _is_open(file)}


def _is_open(file: Path) -> bool:
    if os.name != "posix":
        return False
    try:
        found = file.stat()
    except OSError:
        return False
    others = stat.S_IROTH if found.st_gid == os.getegid() else stat.S_IROTH | stat.S_IRGRP
    return bool(found.st_mode & others)

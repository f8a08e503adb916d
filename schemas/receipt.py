"""The receipt: what a member's encoding wrote, and the digests by which the next step proves it whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.digest import sha256_of_file
from schemas.errors import BrokenFile, FileMissing

FILE_NAME = "receipt.json"


def read_receipt(folder: Path, *needed: str) -> dict[str, Any]:
    """A folder's receipt, after every file it lists, the needed ones among them, has been found whole.

    Raises:
        FileMissing: there is no receipt, or a file it lists is gone.
        BrokenFile: it is no receipt of the needed files, or a listed file is not as it was written.
    """
    path = folder / FILE_NAME
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        listed = {str(name): str(entry["sha256"]) for name, entry in receipt["files"].items()}
    except OSError:
        raise FileMissing(
            "has no receipt.json: it is not a folder that `waylink encode` wrote", where=str(folder)
        ) from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BrokenFile("is not a receipt", where=str(path)) from None
    if missing := sorted(set(needed) - set(listed)):
        raise BrokenFile(f"does not list {', '.join(missing)}", where=str(path), fix="encode again")
    for name, digest in listed.items():
        _require_whole(folder / name, digest)
    return dict(receipt)


def _require_whole(path: Path, digest: str) -> None:
    if not path.is_file():
        raise FileMissing("is on the receipt but not there", where=str(path), fix="encode again")
    if sha256_of_file(path) != digest:
        raise BrokenFile(
            "is truncated or altered: it is not as it was written", where=str(path), fix="have the member encode again"
        )

"""Uploads over HTTP, as a member's program sends them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.testclient import TestClient

from server.domain.uploads import DeclaredFile, Part
from tests.server.hostile import Files

PIECE_BYTES = 1 << 17


def digest_header(piece: bytes) -> str:
    """RFC 9530's Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(piece).digest()).decode()}:"


def declared(files: Files) -> dict[str, dict[str, object]]:
    """What is said of both files before they are sent."""
    return {part: {"bytes": file.size, "sha256": file.sha256} for part, file in identities(files).items()}


@dataclass
class Sender:
    """A member that sends to one project."""

    client: TestClient
    project: str
    headers: dict[str, str]

    def begin(self, files: Files, key: str = "one", **changes: dict[str, object]):
        headers = {**self.headers, "Idempotency-Key": key}
        return self.client.post(
            f"/api/projects/{self.project}/uploads", json=declared(files) | changes, headers=headers
        )

    def piece(self, upload: str, part: str, offset: int, data: bytes | Iterator[bytes], **changes: str):
        digest = digest_header(data) if isinstance(data, bytes) else digest_header(b"")
        headers = {"Upload-Offset": str(offset), "Content-Digest": digest} | changes
        return self.client.patch(f"/api/uploads/{upload}/parts/{part}", content=data, headers=self.headers | headers)

    def send_parts(self, upload: str, files: Files, size: int = PIECE_BYTES) -> None:
        for part, data in parts_of(files):
            for start in range(0, len(data), size):
                answer = self.piece(upload, part, start, data[start : start + size])
                assert answer.status_code == 200, answer.text
            assert answer.json() == {"received": len(data)}

    def complete(self, upload: str):
        return self.client.post(f"/api/uploads/{upload}/complete", headers=self.headers)

    def show(self, upload: str):
        return self.client.get(f"/api/uploads/{upload}", headers=self.headers)

    def send(self, files: Files, key: str = "one"):
        """All of it: begin, pieces, complete."""
        upload = self.begin(files, key).json()["id"]
        self.send_parts(upload, files)
        return self.complete(upload)


def identities(files: Files) -> dict[Part, DeclaredFile]:
    """What is said of both files, as an action takes it."""
    return {Part(part): DeclaredFile(len(data), hashlib.sha256(data).hexdigest()) for part, data in parts_of(files)}


def parts_of(files: Files) -> tuple[tuple[str, bytes], ...]:
    """Both files by the names of their parts."""
    return ("encodings", files.encodings), ("services", files.services)

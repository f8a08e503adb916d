"""Encodings, services, tiles, link maps and releases on the server's disk: sealed files, their keys apart from them.

Under the data folder: `blobs/<id>` and `keys/<id>`. Nothing in `blobs/` can be read without its vault key, and a backup
never holds `keys/`: whoever destroys a key makes every copy of its blobs unreadable
(`docs/decisions/0009-keys-apart-from-blobs.md`).
"""

from server.store.blobs.folder import BlobFolder as BlobFolder
from server.store.blobs.sealing import CHUNK_BYTES as CHUNK_BYTES
from server.store.blobs.vault_keys import VaultKey as VaultKey
from server.store.blobs.writer import BlobWriter as BlobWriter

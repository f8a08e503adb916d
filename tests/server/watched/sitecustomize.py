"""On PYTHONPATH, this is imported by each Python process at its start: a worker of `waylink serve` notes its tiles.

Its tiles are small, too, so that a run has many; everything else of it is as it is.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

if "server.worker.process" in sys.orig_argv:
    from server.worker import work as worker
    from tests.server.worker_process import killing_at, note_tiles

    worker.work.__kwdefaults__["pace"] = replace(worker.AT_EASE, block_records=int(os.environ["TILE_RECORDS"]))
    note_tiles(Path(os.environ["TILES_NOTED_IN"]), killing_at(0))

"""An estimate as a run: what linking would take here, from a second of it."""

from __future__ import annotations

from linkage.foretelling import foretell_link
from server.domain.bands import rough
from server.worker.execute_link import read_delivered
from server.worker.job import Job, Outcome

_MIB = 1 << 20


def execute_estimate(job: Job) -> Outcome:
    """Say what linking would take, in numbers of one digit: exact ones would count other members' records.

    Raises:
        As `execute_link`.
    """
    agreement, encodings = job.agreement(), read_delivered(job)
    with job.progress.stage("estimating", 1) as advance:
        foretold = foretell_link(encodings, agreement, clock=job.seconds, threads=job.threads)
        advance(1)
    return Outcome(
        {
            "pairs": rough(foretold.comparing.pairs),
            "seconds": rough(foretold.seconds),
            "memory_mib": rough(foretold.comparing.memory_bytes / _MIB),
            "how": foretold.how.value,
            "why": foretold.why,
        }
    )

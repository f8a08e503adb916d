"""Whether a member's two files may be accepted: proven from the bytes as they stream by, before anything uses them.

What is not proven: that the records are of people. Whoever holds the secret can encode anyone; a member that makes up
records within the bounds below is a matter for the other members, not for arithmetic.

The names below are loaded when first used: they bring NumPy along, and a server that waits does without.
"""

from typing import TYPE_CHECKING

from schemas.lazily import lazy_names

if TYPE_CHECKING:
    from server.domain.upload_checks.encodings import CheckedEncodings, check_encodings
    from server.domain.upload_checks.limits import UploadLimits
    from server.domain.upload_checks.services import CheckedServices, check_services
    from server.domain.upload_checks.shared_marks import SharedMarks
    from server.domain.upload_checks.upload import CheckedUpload, check_upload

__all__ = [
    "CheckedEncodings",
    "CheckedServices",
    "CheckedUpload",
    "SharedMarks",
    "UploadLimits",
    "check_encodings",
    "check_services",
    "check_upload",
]

__getattr__ = lazy_names(
    __name__,
    {
        name: f"{__name__}.{module}"
        for module, names in {
            "encodings": ("CheckedEncodings", "check_encodings"),
            "limits": ("UploadLimits",),
            "services": ("CheckedServices", "check_services"),
            "shared_marks": ("SharedMarks",),
            "upload": ("CheckedUpload", "check_upload"),
        }.items()
        for name in names
    },
)

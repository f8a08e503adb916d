"""Whether a member's two files may be accepted: proven from the bytes as they stream by, before anything uses them.

What is not proven: that the records are of people. Whoever holds the secret can encode anyone; a member that makes up
records within the bounds below is a matter for the other members, not for arithmetic.
"""

from server.domain.upload_checks.encodings import CheckedEncodings as CheckedEncodings
from server.domain.upload_checks.encodings import SharedMarks as SharedMarks
from server.domain.upload_checks.encodings import check_encodings as check_encodings
from server.domain.upload_checks.limits import UploadLimits as UploadLimits
from server.domain.upload_checks.services import CheckedServices as CheckedServices
from server.domain.upload_checks.services import check_services as check_services
from server.domain.upload_checks.upload import CheckedUpload as CheckedUpload
from server.domain.upload_checks.upload import check_upload as check_upload

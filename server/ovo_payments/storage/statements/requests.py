"""SQL about request ids that were used up."""

from typing import Final

INSERT: Final = """
INSERT INTO requests (scope, method, request_id, sealed, subject_id)
VALUES (:scope, :method, :request_id, :sealed, :subject_id)
ON CONFLICT (scope, method, request_id) DO NOTHING
"""

FIND: Final = """
SELECT scope, method, request_id, sealed, subject_id FROM requests
WHERE scope = :scope AND method = :method AND request_id = :request_id
"""

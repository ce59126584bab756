"""SQL about the audit: chains of acts, one for each scope, and how far each has come."""

from typing import Final

# Held until the commit: the rows of a chain follow each other.
LOCK_HEAD: Final = """
SELECT number, hash FROM audit_heads WHERE scope = :scope
/* FOR UPDATE */
"""

# Where several begin a chain at once, the others wait here for the first one's commit.
BEGIN: Final = """
INSERT INTO audit_heads (scope, number, hash, seal) VALUES (:scope, 0, :nothing, :nothing)
ON CONFLICT (scope) DO UPDATE SET number = audit_heads.number
RETURNING number, hash
"""

INSERT: Final = """
INSERT INTO audit (
  scope, number, time_us, actor, act, subject_id, version, result, hash
) VALUES (
  :scope, :number, :time_us, :actor, :act, :subject_id, :version, :result, :hash
)
"""

ADVANCE: Final = """
UPDATE audit_heads SET number = :number, hash = :hash, seal = :seal WHERE scope = :scope
"""

READ_HEADS: Final = "SELECT scope, number, hash, seal FROM audit_heads ORDER BY scope"

READ: Final = """
SELECT scope, number, time_us, actor, act, subject_id, version, result, hash
FROM audit WHERE scope = :scope AND number > :after_number ORDER BY number LIMIT :limit
"""

READ_SCOPES: Final = """
SELECT scope FROM audit UNION SELECT scope FROM positions UNION SELECT scope FROM bindings
ORDER BY scope
"""

# A version of a payment that no act made.
FIND_UNTOLD: Final = """
SELECT payment_id, version FROM payment_events
EXCEPT SELECT subject_id, version FROM audit
ORDER BY 1, 2 LIMIT 1
"""

"""SQL about bindings; writing, revisions and leases as for payments."""

from typing import Final

INSERT: Final = """
INSERT INTO bindings (
  binding_id, scope, provider, external_reference, state, version, unbind_requested,
  next_check_time_us, sending, lease, lease_until_us, document, sealed, phone_hash
) VALUES (
  :binding_id, :scope, :provider, :external_reference, :state, :version, :unbind_requested,
  :next_check_time_us, :sending, :lease_after, :lease_until_us, :document, :sealed,
  :phone_hash
)
"""

UPDATE: Final = """
UPDATE bindings SET
  state = :state, version = :version, unbind_requested = :unbind_requested, document = :document,
  sealed = :sealed,
  next_check_time_us = :next_check_time_us, sending = :sending,
  lease = CASE WHEN :lease_kept = 1 THEN lease ELSE :lease_after END,
  lease_until_us = CASE WHEN :lease_kept = 1 THEN lease_until_us ELSE :lease_until_us END
WHERE binding_id = :binding_id AND version = :before_version
  AND coalesce(next_check_time_us, 0) = :before_next_check_time_us
  AND sending = :before_sending
  AND (:lease_before = '' OR lease = :lease_before)
"""

UPDATE_CHECKS: Final = """
UPDATE bindings SET
  next_check_time_us = :next_check_time_us, sending = :sending,
  lease = CASE WHEN :lease_kept = 1 THEN lease ELSE :lease_after END,
  lease_until_us = CASE WHEN :lease_kept = 1 THEN lease_until_us ELSE :lease_until_us END
WHERE binding_id = :binding_id AND version = :before_version
  AND coalesce(next_check_time_us, 0) = :before_next_check_time_us
  AND sending = :before_sending
  AND (:lease_before = '' OR lease = :lease_before)
"""

CLAIM_DUE: Final = """
WITH due AS (
  SELECT sequence FROM bindings
  WHERE next_check_time_us <= :now_us AND (lease IS NULL OR lease_until_us <= :now_us)
    AND (:provider = '' OR provider = :provider)
  ORDER BY next_check_time_us, sequence LIMIT :limit
  /* FOR UPDATE SKIP LOCKED */
)
UPDATE bindings SET lease = :lease_after, lease_until_us = :lease_until_us
WHERE sequence IN (SELECT sequence FROM due)
RETURNING binding_id, document, sealed, next_check_time_us, sending, sequence
"""

RELEASE: Final = """
UPDATE bindings SET next_check_time_us = :retry_time_us, lease = NULL, lease_until_us = NULL
WHERE binding_id = :binding_id AND lease = :lease
"""

RECOVER: Final = """
UPDATE bindings SET
  next_check_time_us = CASE
    WHEN sending = 1 OR next_check_time_us > :now_us THEN :now_us ELSE next_check_time_us END,
  lease = NULL, lease_until_us = NULL
WHERE lease IS NOT NULL
"""

FIND: Final = """
SELECT binding_id, document, sealed, next_check_time_us, sending FROM bindings
WHERE binding_id = :binding_id
"""

FIND_OWN: Final = """
SELECT binding_id, document, sealed, next_check_time_us, sending FROM bindings
WHERE binding_id = :binding_id AND scope = :scope
"""

FIND_BY_REFERENCE: Final = """
SELECT binding_id, document, sealed, next_check_time_us, sending FROM bindings
WHERE provider = :provider AND external_reference = :external_reference
"""

FIND_LEASE: Final = "SELECT lease FROM bindings WHERE binding_id = :binding_id"

# Held until the commit: no unlinking begins while a payment does.
FIND_FOR_PAYMENT: Final = """
SELECT state, unbind_requested FROM bindings
WHERE binding_id = :binding_id AND scope = :scope AND provider = :provider
/* FOR SHARE */
"""

# Held until the commit: no payment begins while an unlinking does.
LOCK: Final = "SELECT state FROM bindings WHERE binding_id = :binding_id /* FOR UPDATE */"

"""SQL about the inbox of webhooks."""

from typing import Final

INSERT: Final = """
INSERT INTO inbox (
  inbox_id, provider, kind, target, headers, sealed, receive_time_us,
  state, attempt_count, next_attempt_time_us, note
) VALUES (
  :inbox_id, :provider, :kind, :target, :headers, :sealed, :receive_time_us,
  :state, :attempt_count, :next_attempt_time_us, :note
)
"""

# New ones first, as they came; then those that wait, longest due first: what always fails stops
# nothing behind it.
CLAIM_DUE: Final = """
WITH due AS (
  SELECT sequence FROM inbox
  WHERE state IN ('RECEIVED', 'WAITING') AND coalesce(next_attempt_time_us, 0) <= :now_us
    AND (lease IS NULL OR lease_until_us <= :now_us)
    AND (:provider = '' OR provider = :provider)
  ORDER BY coalesce(next_attempt_time_us, 0), sequence LIMIT :limit
  /* FOR UPDATE SKIP LOCKED */
)
UPDATE inbox SET lease = :lease_after, lease_until_us = :lease_until_us
WHERE sequence IN (SELECT sequence FROM due)
RETURNING
  inbox_id, provider, kind, target, headers, sealed, receive_time_us,
  state, attempt_count, next_attempt_time_us, note, sequence
"""

SETTLE: Final = """
UPDATE inbox SET
  state = :state, attempt_count = :attempt_count, next_attempt_time_us = :next_attempt_time_us,
  note = :note, lease = NULL, lease_until_us = NULL,
  sealed = CASE WHEN :destroyed = 1 THEN NULL ELSE sealed END
WHERE inbox_id = :inbox_id AND lease = :lease
"""

RECOVER: Final = """
UPDATE inbox SET lease = NULL, lease_until_us = NULL WHERE lease IS NOT NULL
"""

BEAT: Final = "UPDATE heartbeat SET beats = beats + 1"

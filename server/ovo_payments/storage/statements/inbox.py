"""SQL about the inbox of webhooks."""

from typing import Final

INSERT: Final = """
INSERT INTO inbox (
  inbox_id, provider, kind, target, headers, body, receive_time_us,
  state, attempt_count, next_attempt_time_us, note
) VALUES (
  :inbox_id, :provider, :kind, :target, :headers, :body, :receive_time_us,
  :state, :attempt_count, :next_attempt_time_us, :note
)
"""

SETTLE: Final = """
UPDATE inbox SET
  state = :state, attempt_count = :attempt_count, next_attempt_time_us = :next_attempt_time_us,
  note = :note, lease = NULL, lease_until_us = NULL
WHERE inbox_id = :inbox_id AND lease = :lease
"""

RECOVER: Final = """
UPDATE inbox SET lease = NULL, lease_until_us = NULL WHERE lease IS NOT NULL
"""

BEAT: Final = "UPDATE heartbeat SET beats = beats + 1"

-- Webhooks as they came, verified before they were stored, and what became of each.
CREATE TABLE inbox (
  sequence INTEGER PRIMARY KEY,
  inbox_id TEXT NOT NULL UNIQUE,
  provider TEXT NOT NULL,
  kind TEXT NOT NULL,
  target TEXT NOT NULL,
  headers TEXT NOT NULL CHECK (json_valid(headers)),
  body BLOB NOT NULL,
  receive_time_us INTEGER NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('RECEIVED', 'APPLIED', 'IGNORED', 'WAITING', 'QUARANTINED', 'PARKED')),
  attempt_count INTEGER NOT NULL CHECK (attempt_count >= 0),
  next_attempt_time_us INTEGER,
  note TEXT NOT NULL,
  lease TEXT CHECK (lease <> ''),
  lease_until_us INTEGER,
  CHECK ((lease IS NULL) = (lease_until_us IS NULL))
) STRICT;

-- One without a time is due at once, whatever the clock says.
CREATE INDEX inbox_due ON inbox (coalesce(next_attempt_time_us, 0))
  WHERE state IN ('RECEIVED', 'WAITING');
CREATE INDEX inbox_leased ON inbox (lease_until_us) WHERE lease IS NOT NULL;

CREATE TRIGGER inbox_keeps_what_came
BEFORE UPDATE OF inbox_id, provider, kind, target, headers, body, receive_time_us ON inbox
BEGIN
  SELECT RAISE(ABORT, 'a webhook stays as it came');
END;

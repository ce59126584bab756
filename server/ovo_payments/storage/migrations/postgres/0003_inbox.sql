-- Webhooks as they came, verified before they were stored, and what became of each.
CREATE TABLE inbox (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  inbox_id text NOT NULL UNIQUE,
  provider text NOT NULL,
  kind text NOT NULL,
  target text NOT NULL,
  headers text NOT NULL CHECK (headers::jsonb IS NOT NULL),
  body bytea NOT NULL,
  receive_time_us bigint NOT NULL,
  state text NOT NULL
    CHECK (state IN ('RECEIVED', 'APPLIED', 'IGNORED', 'WAITING', 'QUARANTINED', 'PARKED')),
  attempt_count integer NOT NULL CHECK (attempt_count >= 0),
  next_attempt_time_us bigint,
  note text NOT NULL,
  lease text CHECK (lease <> ''),
  lease_until_us bigint,
  CHECK ((lease IS NULL) = (lease_until_us IS NULL))
);

-- One without a time is due at once, whatever the clock says.
CREATE INDEX inbox_due ON inbox (coalesce(next_attempt_time_us, 0))
  WHERE state IN ('RECEIVED', 'WAITING');
CREATE INDEX inbox_leased ON inbox (lease_until_us) WHERE lease IS NOT NULL;

CREATE TRIGGER inbox_keeps_what_came BEFORE UPDATE ON inbox
FOR EACH ROW WHEN (
  (OLD.inbox_id, OLD.provider, OLD.kind, OLD.target, OLD.headers, OLD.body, OLD.receive_time_us)
  IS DISTINCT FROM
  (NEW.inbox_id, NEW.provider, NEW.kind, NEW.target, NEW.headers, NEW.body, NEW.receive_time_us)
)
EXECUTE FUNCTION refuse('a webhook stays as it came');

-- What names or empowers a customer is sealed, in a column of its own beside what SQL may see.
-- Nothing is kept in the clear: this is applied only where nothing was written before.

-- Made with the database, sealed in it, the same for ever.
CREATE TABLE own_secret (
  only_row integer PRIMARY KEY CHECK (only_row = 1),
  sealed bytea NOT NULL
);

DROP TABLE requests;

-- What a request id was used for. It stays used for ever, for the same content; sealed are the
-- digests of that content, since there are too few phone numbers to hide one in a digest.
CREATE TABLE requests (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL,
  method text NOT NULL,
  request_id text NOT NULL,
  subject_id text NOT NULL,
  sealed bytea NOT NULL,
  UNIQUE (scope, method, request_id)
);

CREATE TRIGGER requests_never_change
BEFORE UPDATE OF sequence, scope, method, request_id, subject_id ON requests
FOR EACH ROW EXECUTE FUNCTION refuse('a used request id never changes');

ALTER TABLE bindings ADD COLUMN sealed bytea NOT NULL CHECK (length(sealed) > 0);
ALTER TABLE payments ADD COLUMN sealed bytea NOT NULL CHECK (length(sealed) > 0);
ALTER TABLE refunds ADD COLUMN sealed bytea NOT NULL CHECK (length(sealed) > 0);
ALTER TABLE payment_events ADD COLUMN sealed bytea NOT NULL CHECK (length(sealed) > 0);

-- A keyed hash of the phone number: finds what is sealed, and tells nobody without the keys whose
-- it is.
ALTER TABLE bindings ADD COLUMN phone_hash bytea;
ALTER TABLE payments ADD COLUMN phone_hash bytea;

CREATE INDEX bindings_by_phone ON bindings (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX payments_by_phone ON payments (phone_hash) WHERE phone_hash IS NOT NULL;

DROP TRIGGER payment_events_only_grow ON payment_events;

-- But for the key that seals it.
CREATE TRIGGER payment_events_only_grow
BEFORE UPDATE OF sequence, payment_id, version, scope, position, document OR DELETE
ON payment_events
FOR EACH ROW EXECUTE FUNCTION refuse('the event log only grows');

-- The body of a webhook; NULL once it is destroyed.
DROP TRIGGER inbox_keeps_what_came ON inbox;
ALTER TABLE inbox DROP COLUMN body;
ALTER TABLE inbox ADD COLUMN sealed bytea;

CREATE TRIGGER inbox_keeps_what_came BEFORE UPDATE ON inbox
FOR EACH ROW WHEN (
  (OLD.inbox_id, OLD.provider, OLD.kind, OLD.target, OLD.headers, OLD.receive_time_us)
  IS DISTINCT FROM
  (NEW.inbox_id, NEW.provider, NEW.kind, NEW.target, NEW.headers, NEW.receive_time_us)
)
EXECUTE FUNCTION refuse('a webhook stays as it came');

-- What was destroyed stays so, and of no other is the body taken: a link's may hold its auth code.
CREATE TRIGGER inbox_bodies_stay BEFORE UPDATE OF sealed ON inbox
FOR EACH ROW WHEN (
  CASE
    WHEN OLD.sealed IS NULL THEN NEW.sealed IS NOT NULL
    WHEN NEW.sealed IS NULL
      THEN NOT (OLD.kind = 'binding' AND NEW.state IN ('APPLIED', 'IGNORED'))
    ELSE FALSE
  END
)
EXECUTE FUNCTION refuse('a webhook stays as it came');

-- Every act on money or access, written with what it did: a chain for each scope, in which each
-- row's hash covers the one before it.
CREATE TABLE audit (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL,
  number bigint NOT NULL CHECK (number >= 1),
  time_us bigint NOT NULL,
  actor text NOT NULL,
  act text NOT NULL,
  subject_id text NOT NULL,
  version integer NOT NULL,
  result text NOT NULL,
  hash bytea NOT NULL,
  UNIQUE (scope, number)
);

-- How far each chain has come.
CREATE TABLE audit_heads (
  scope text NOT NULL PRIMARY KEY,
  number bigint NOT NULL CHECK (number >= 0),
  hash bytea NOT NULL,
  seal bytea NOT NULL
);

-- Whoever writes an act holds its scope's head, so that what is read here stays so.
CREATE FUNCTION audit_leaves_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.number <> 1 + (
    SELECT coalesce(max(number), 0) FROM audit WHERE scope = NEW.scope
  ) THEN
    RAISE EXCEPTION 'the acts of a scope have no gap'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER audit_leaves_no_gap BEFORE INSERT ON audit
FOR EACH ROW EXECUTE FUNCTION audit_leaves_no_gap();

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse('the audit only grows');

CREATE TRIGGER audit_heads_only_advance BEFORE UPDATE ON audit_heads
FOR EACH ROW WHEN (
  NEW.scope <> OLD.scope OR NEW.number NOT IN (OLD.number, OLD.number + 1)
)
EXECUTE FUNCTION refuse('the audit only grows');

CREATE TRIGGER audit_heads_never_go BEFORE DELETE ON audit_heads
FOR EACH ROW EXECUTE FUNCTION refuse('the audit only grows');

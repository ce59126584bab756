-- What names or empowers a customer is sealed, in a column of its own beside what SQL may see.
-- Nothing is kept in the clear: this is applied only where nothing was written before.

-- Made with the database, sealed in it, the same for ever.
CREATE TABLE own_secret (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  sealed BLOB NOT NULL
) STRICT;

DROP TABLE requests;

-- What a request id was used for. It stays used for ever, for the same content; sealed are the
-- digests of that content, since there are too few phone numbers to hide one in a digest.
CREATE TABLE requests (
  sequence INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  sealed BLOB NOT NULL,
  UNIQUE (scope, method, request_id)
) STRICT;

CREATE TRIGGER requests_never_change
BEFORE UPDATE OF sequence, scope, method, request_id, subject_id ON requests
BEGIN
  SELECT RAISE(ABORT, 'a used request id never changes');
END;

ALTER TABLE bindings ADD COLUMN sealed BLOB NOT NULL DEFAULT x'' CHECK (length(sealed) > 0);
ALTER TABLE payments ADD COLUMN sealed BLOB NOT NULL DEFAULT x'' CHECK (length(sealed) > 0);
ALTER TABLE refunds ADD COLUMN sealed BLOB NOT NULL DEFAULT x'' CHECK (length(sealed) > 0);
ALTER TABLE payment_events ADD COLUMN sealed BLOB NOT NULL DEFAULT x'' CHECK (length(sealed) > 0);

-- A keyed hash of the phone number: finds what is sealed, and tells nobody without the keys whose
-- it is.
ALTER TABLE bindings ADD COLUMN phone_hash BLOB;
ALTER TABLE payments ADD COLUMN phone_hash BLOB;

CREATE INDEX bindings_by_phone ON bindings (phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX payments_by_phone ON payments (phone_hash) WHERE phone_hash IS NOT NULL;

DROP TRIGGER payment_events_never_change;

-- But for the key that seals it.
CREATE TRIGGER payment_events_never_change
BEFORE UPDATE OF sequence, payment_id, version, scope, position, document ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'the event log only grows');
END;

-- The body of a webhook; NULL once it is destroyed.
DROP TRIGGER inbox_keeps_what_came;
ALTER TABLE inbox DROP COLUMN body;
ALTER TABLE inbox ADD COLUMN sealed BLOB;

CREATE TRIGGER inbox_keeps_what_came
BEFORE UPDATE OF inbox_id, provider, kind, target, headers, receive_time_us ON inbox
BEGIN
  SELECT RAISE(ABORT, 'a webhook stays as it came');
END;

-- What was destroyed stays so, and of no other is the body taken: a link's may hold its auth code.
CREATE TRIGGER inbox_bodies_stay BEFORE UPDATE OF sealed ON inbox
WHEN CASE
  WHEN OLD.sealed IS NULL THEN NEW.sealed IS NOT NULL
  WHEN NEW.sealed IS NULL THEN NOT (OLD.kind = 'binding' AND NEW.state IN ('APPLIED', 'IGNORED'))
  ELSE FALSE
END
BEGIN
  SELECT RAISE(ABORT, 'a webhook stays as it came');
END;

-- Every act on money or access, written with what it did: a chain for each scope, in which each
-- row's hash covers the one before it.
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number >= 1),
  time_us INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  result TEXT NOT NULL,
  hash BLOB NOT NULL,
  UNIQUE (scope, number)
) STRICT;

-- How far each chain has come.
CREATE TABLE audit_heads (
  scope TEXT NOT NULL PRIMARY KEY,
  number INTEGER NOT NULL CHECK (number >= 0),
  hash BLOB NOT NULL,
  seal BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_leaves_no_gap BEFORE INSERT ON audit
WHEN NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM audit WHERE scope = NEW.scope)
BEGIN
  SELECT RAISE(ABORT, 'the acts of a scope have no gap');
END;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit only grows');
END;

CREATE TRIGGER audit_never_goes BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit only grows');
END;

CREATE TRIGGER audit_heads_only_advance BEFORE UPDATE ON audit_heads
WHEN NEW.scope <> OLD.scope OR NEW.number NOT IN (OLD.number, OLD.number + 1)
BEGIN
  SELECT RAISE(ABORT, 'the audit only grows');
END;

CREATE TRIGGER audit_heads_never_go BEFORE DELETE ON audit_heads
BEGIN
  SELECT RAISE(ABORT, 'the audit only grows');
END;

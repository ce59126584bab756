-- The one order in which a scope's changes are seen, without a gap, and the name of this database.

CREATE TABLE positions (
  scope TEXT NOT NULL PRIMARY KEY,
  position INTEGER NOT NULL CHECK (position >= 1)
) STRICT, WITHOUT ROWID;

-- A place in one database's order says nothing in another's.
CREATE TABLE identity (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  name TEXT NOT NULL
) STRICT;

INSERT INTO identity (only_row, name) VALUES (1, lower(hex(randomblob(8))));

DROP TRIGGER payment_events_leave_no_gap;
DROP TRIGGER payment_events_never_change;
DROP TRIGGER payment_events_never_go;
ALTER TABLE payment_events RENAME TO payment_events_before;

CREATE TABLE payment_events (
  sequence INTEGER PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  version INTEGER NOT NULL,
  scope TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 1),
  document TEXT NOT NULL,
  UNIQUE (payment_id, version),
  UNIQUE (scope, position)
) STRICT;

INSERT INTO payment_events (sequence, payment_id, version, scope, position, document)
SELECT e.sequence, e.payment_id, e.version, p.scope,
  row_number() OVER (PARTITION BY p.scope ORDER BY e.sequence), e.document
FROM payment_events_before AS e JOIN payments AS p ON p.payment_id = e.payment_id;

DROP TABLE payment_events_before;

INSERT INTO positions (scope, position)
SELECT scope, max(position) FROM payment_events GROUP BY scope;

CREATE TRIGGER payment_events_leave_no_gap BEFORE INSERT ON payment_events
WHEN NEW.version <> 1 + (
  SELECT coalesce(max(version), 0) FROM payment_events WHERE payment_id = NEW.payment_id
)
BEGIN
  SELECT RAISE(ABORT, 'the versions of a payment have no gap');
END;

CREATE TRIGGER payment_events_follow_each_other BEFORE INSERT ON payment_events
WHEN NEW.position <> 1 + (
  SELECT coalesce(max(position), 0) FROM payment_events WHERE scope = NEW.scope
)
BEGIN
  SELECT RAISE(ABORT, 'the changes of a scope have no gap');
END;

CREATE TRIGGER payment_events_never_change BEFORE UPDATE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'the event log only grows');
END;

CREATE TRIGGER payment_events_never_go BEFORE DELETE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'the event log only grows');
END;

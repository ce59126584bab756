-- Times are whole microseconds since 1970 in UTC (`…_us`).

-- What a request id was used for. It stays used for ever, for the same content.
CREATE TABLE requests (
  sequence INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  digests TEXT NOT NULL CHECK (json_valid(digests)),
  subject_id TEXT NOT NULL,
  UNIQUE (scope, method, request_id)
) STRICT;

CREATE TRIGGER requests_never_change BEFORE UPDATE ON requests
BEGIN
  SELECT RAISE(ABORT, 'a used request id never changes');
END;

-- Links between customers and their accounts. What changes without being a version stands in
-- columns alone; the document's values of it are those of its version.
CREATE TABLE bindings (
  sequence INTEGER PRIMARY KEY,
  binding_id TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  provider TEXT NOT NULL,
  external_reference TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'FAILED', 'EXPIRED', 'UNBOUND')),
  version INTEGER NOT NULL CHECK (version >= 1),
  unbind_requested INTEGER NOT NULL CHECK (unbind_requested IN (0, 1)),
  next_check_time_us INTEGER,
  sending INTEGER NOT NULL CHECK (sending IN (0, 1)),
  lease TEXT CHECK (lease <> ''),
  lease_until_us INTEGER,
  document TEXT NOT NULL,
  UNIQUE (provider, external_reference),
  CHECK ((lease IS NULL) = (lease_until_us IS NULL)),
  CHECK (json_extract(document, '$.version') = version AND json_extract(document, '$.state') = state)
) STRICT;

CREATE INDEX bindings_due ON bindings (next_check_time_us) WHERE next_check_time_us IS NOT NULL;
CREATE INDEX bindings_leased ON bindings (lease_until_us) WHERE lease IS NOT NULL;

CREATE TRIGGER bindings_keep_what_they_are
BEFORE UPDATE OF binding_id, scope, provider, external_reference ON bindings
BEGIN
  SELECT RAISE(ABORT, 'a binding keeps its id, scope, provider and reference');
END;

CREATE TRIGGER bindings_change_by_versions BEFORE UPDATE OF state, version, document ON bindings
WHEN NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'a change of a binding is its next version');
END;

CREATE TRIGGER bindings_end_for_ever BEFORE UPDATE OF state ON bindings
WHEN OLD.state IN ('FAILED', 'EXPIRED', 'UNBOUND') AND NEW.state <> OLD.state
BEGIN
  SELECT RAISE(ABORT, 'a binding that ended never begins again');
END;

-- One row that is written to learn whether the database can be written.
CREATE TABLE heartbeat (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  beats INTEGER NOT NULL
) STRICT;

INSERT INTO heartbeat (only_row, beats) VALUES (1, 0);

-- Times are whole microseconds since 1970 in UTC (`…_us`).

-- Refuses a change, saying why; the reason is the trigger's argument.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- What a request id was used for. It stays used for ever, for the same content.
CREATE TABLE requests (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  scope text NOT NULL,
  method text NOT NULL,
  request_id text NOT NULL,
  digests text NOT NULL CHECK (digests::jsonb IS NOT NULL),
  subject_id text NOT NULL,
  UNIQUE (scope, method, request_id)
);

CREATE TRIGGER requests_never_change BEFORE UPDATE ON requests
FOR EACH ROW EXECUTE FUNCTION refuse('a used request id never changes');

-- Links between customers and their accounts. What changes without being a version stands in
-- columns alone; the document's values of it are those of its version.
CREATE TABLE bindings (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  binding_id text NOT NULL UNIQUE,
  scope text NOT NULL,
  provider text NOT NULL,
  external_reference text NOT NULL,
  state text NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'FAILED', 'EXPIRED', 'UNBOUND')),
  version integer NOT NULL CHECK (version >= 1),
  unbind_requested integer NOT NULL CHECK (unbind_requested IN (0, 1)),
  next_check_time_us bigint,
  sending integer NOT NULL CHECK (sending IN (0, 1)),
  lease text CHECK (lease <> ''),
  lease_until_us bigint,
  document text NOT NULL,
  UNIQUE (provider, external_reference),
  CHECK ((lease IS NULL) = (lease_until_us IS NULL)),
  CHECK (document::jsonb @> jsonb_build_object('version', version, 'state', state))
);

CREATE INDEX bindings_due ON bindings (next_check_time_us) WHERE next_check_time_us IS NOT NULL;
CREATE INDEX bindings_leased ON bindings (lease_until_us) WHERE lease IS NOT NULL;

CREATE TRIGGER bindings_keep_what_they_are BEFORE UPDATE ON bindings
FOR EACH ROW WHEN (
  (OLD.binding_id, OLD.scope, OLD.provider, OLD.external_reference)
  IS DISTINCT FROM (NEW.binding_id, NEW.scope, NEW.provider, NEW.external_reference)
)
EXECUTE FUNCTION refuse('a binding keeps its id, scope, provider and reference');

CREATE TRIGGER bindings_change_by_versions BEFORE UPDATE OF state, version, document ON bindings
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1)
EXECUTE FUNCTION refuse('a change of a binding is its next version');

CREATE TRIGGER bindings_end_for_ever BEFORE UPDATE OF state ON bindings
FOR EACH ROW WHEN (OLD.state IN ('FAILED', 'EXPIRED', 'UNBOUND') AND NEW.state <> OLD.state)
EXECUTE FUNCTION refuse('a binding that ended never begins again');

-- One row that is written to learn whether the database can be written.
CREATE TABLE heartbeat (
  only_row integer PRIMARY KEY CHECK (only_row = 1),
  beats bigint NOT NULL
);

INSERT INTO heartbeat (only_row, beats) VALUES (1, 0);

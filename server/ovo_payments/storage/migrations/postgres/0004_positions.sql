-- The one order in which a scope's changes are seen, without a gap, and the name of this database.

CREATE TABLE positions (
  scope text NOT NULL PRIMARY KEY,
  position bigint NOT NULL CHECK (position >= 1)
);

-- A place in one database's order says nothing in another's.
CREATE TABLE identity (
  only_row integer PRIMARY KEY CHECK (only_row = 1),
  name text NOT NULL
);

INSERT INTO identity (only_row, name)
VALUES (1, left(replace(gen_random_uuid()::text, '-', ''), 16));

ALTER TABLE payment_events ADD COLUMN scope text, ADD COLUMN position bigint;
ALTER TABLE payment_events DISABLE TRIGGER payment_events_only_grow;

UPDATE payment_events SET scope = ordered.scope, position = ordered.position
FROM (
  SELECT e.sequence, p.scope,
    row_number() OVER (PARTITION BY p.scope ORDER BY e.sequence) AS position
  FROM payment_events AS e JOIN payments AS p ON p.payment_id = e.payment_id
) AS ordered
WHERE payment_events.sequence = ordered.sequence;

ALTER TABLE payment_events ENABLE TRIGGER payment_events_only_grow;
ALTER TABLE payment_events
  ALTER COLUMN scope SET NOT NULL,
  ALTER COLUMN position SET NOT NULL,
  ADD CHECK (position >= 1),
  ADD UNIQUE (scope, position);

INSERT INTO positions (scope, position)
SELECT scope, max(position) FROM payment_events GROUP BY scope;

-- Whoever writes an event holds its scope's counter, so that what is read here stays so.
CREATE FUNCTION payment_events_follow_each_other() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.position <> 1 + (
    SELECT coalesce(max(position), 0) FROM payment_events WHERE scope = NEW.scope
  ) THEN
    RAISE EXCEPTION 'the changes of a scope have no gap'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER payment_events_follow_each_other BEFORE INSERT ON payment_events
FOR EACH ROW EXECUTE FUNCTION payment_events_follow_each_other();

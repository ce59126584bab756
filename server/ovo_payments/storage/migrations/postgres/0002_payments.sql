-- Payments as they stand. What changes without being a version (the checks, the lease) stands in
-- columns alone; the document's checks are those of its version.
CREATE TABLE payments (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text NOT NULL UNIQUE,
  scope text NOT NULL,
  order_id text NOT NULL,
  provider text NOT NULL,
  method text NOT NULL,
  amount_rupiah bigint NOT NULL CHECK (amount_rupiah > 0),
  currency text NOT NULL CHECK (length(currency) = 3),
  binding_id text REFERENCES bindings (binding_id),
  state text NOT NULL
    CHECK (state IN ('PENDING', 'IN_DOUBT', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'REFUNDED')),
  version integer NOT NULL CHECK (version >= 1),
  -- Whether the money or a refund may still move.
  open integer NOT NULL CHECK (open IN (0, 1)),
  next_check_time_us bigint,
  sending integer NOT NULL CHECK (sending IN (0, 1)),
  not_found_count integer NOT NULL CHECK (not_found_count >= 0),
  not_found_time_us bigint,
  lease text CHECK (lease <> ''),
  lease_until_us bigint,
  document text NOT NULL,
  -- Finds an order's payments, and lets a claim name a payment of its own order alone.
  UNIQUE (scope, order_id, payment_id),
  CHECK (open = 1 OR state NOT IN ('PENDING', 'IN_DOUBT')),
  CHECK ((lease IS NULL) = (lease_until_us IS NULL)),
  CHECK (
    document::jsonb @> jsonb_build_object(
      'version', version,
      'state', state,
      'payment_id', payment_id,
      'scope', scope,
      'order_id', order_id,
      'provider', provider,
      'amount', jsonb_build_object('rupiah', amount_rupiah, 'currency', currency)
    )
  )
);

CREATE INDEX payments_open_by_binding ON payments (binding_id)
  WHERE open = 1 AND binding_id IS NOT NULL;
CREATE INDEX payments_due ON payments (next_check_time_us) WHERE next_check_time_us IS NOT NULL;
CREATE INDEX payments_leased ON payments (lease_until_us) WHERE lease IS NOT NULL;

-- Whoever begins a payment holds its binding's row, so that what is read here stays so.
CREATE FUNCTION payment_uses_a_usable_binding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM bindings
    WHERE binding_id = NEW.binding_id AND scope = NEW.scope AND provider = NEW.provider
      AND state = 'ACTIVE' AND unbind_requested = 0
  ) THEN
    RAISE EXCEPTION 'a payment begins on an active binding of its own scope and provider'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER payments_use_a_usable_binding BEFORE INSERT ON payments
FOR EACH ROW WHEN (NEW.binding_id IS NOT NULL)
EXECUTE FUNCTION payment_uses_a_usable_binding();

CREATE TRIGGER payments_keep_what_they_are BEFORE UPDATE ON payments
FOR EACH ROW WHEN (
  (
    OLD.payment_id, OLD.scope, OLD.order_id, OLD.provider, OLD.method, OLD.amount_rupiah,
    OLD.currency, OLD.binding_id
  ) IS DISTINCT FROM (
    NEW.payment_id, NEW.scope, NEW.order_id, NEW.provider, NEW.method, NEW.amount_rupiah,
    NEW.currency, NEW.binding_id
  )
)
EXECUTE FUNCTION refuse('a payment keeps its order, provider, amount and reference');

CREATE TRIGGER payments_change_by_versions BEFORE UPDATE OF state, version, document ON payments
FOR EACH ROW WHEN (NEW.version <> OLD.version + 1)
EXECUTE FUNCTION refuse('a change of a payment is its next version');

CREATE TRIGGER payments_never_regress BEFORE UPDATE OF state ON payments
FOR EACH ROW WHEN (
  (OLD.state = 'SUCCEEDED' AND NEW.state NOT IN ('SUCCEEDED', 'REFUNDED'))
  OR (OLD.state = 'REFUNDED' AND NEW.state <> 'REFUNDED')
  OR (OLD.state IN ('FAILED', 'EXPIRED') AND NEW.state NOT IN (OLD.state, 'SUCCEEDED', 'REFUNDED'))
)
EXECUTE FUNCTION refuse('no such transition');

-- Every version as it was: the truth that watchers read and that the rows above fold up.
CREATE TABLE payment_events (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payments (payment_id),
  version integer NOT NULL,
  document text NOT NULL,
  UNIQUE (payment_id, version)
);

CREATE FUNCTION payment_events_leave_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version <> 1 + (
    SELECT coalesce(max(version), 0) FROM payment_events WHERE payment_id = NEW.payment_id
  ) THEN
    RAISE EXCEPTION 'the versions of a payment have no gap'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER payment_events_leave_no_gap BEFORE INSERT ON payment_events
FOR EACH ROW EXECUTE FUNCTION payment_events_leave_no_gap();

CREATE TRIGGER payment_events_only_grow BEFORE UPDATE OR DELETE ON payment_events
FOR EACH ROW EXECUTE FUNCTION refuse('the event log only grows');

-- What was learnt, from where, and at which version of the payment.
CREATE TABLE evidence (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id text NOT NULL REFERENCES payments (payment_id),
  refund_id text NOT NULL,
  observe_time_us bigint NOT NULL,
  source text NOT NULL,
  claim text NOT NULL,
  provider_code text NOT NULL,
  detail text NOT NULL,
  version integer NOT NULL
);

CREATE INDEX evidence_of_payment ON evidence (payment_id, version);

CREATE TRIGGER evidence_only_grows BEFORE UPDATE OR DELETE ON evidence
FOR EACH ROW EXECUTE FUNCTION refuse('evidence only grows');

CREATE FUNCTION payment_ends_on_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM evidence WHERE payment_id = NEW.payment_id AND version = NEW.version
  ) THEN
    RAISE EXCEPTION 'a payment ends on stored evidence alone'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER payments_end_on_evidence BEFORE UPDATE OF state ON payments
FOR EACH ROW WHEN (
  NEW.state <> OLD.state AND NEW.state IN ('SUCCEEDED', 'FAILED', 'EXPIRED', 'REFUNDED')
)
EXECUTE FUNCTION payment_ends_on_evidence();

-- The one payment of an order that is open or succeeded.
CREATE TABLE order_claims (
  scope text NOT NULL,
  order_id text NOT NULL,
  payment_id text NOT NULL UNIQUE,
  PRIMARY KEY (scope, order_id),
  FOREIGN KEY (scope, order_id, payment_id) REFERENCES payments (scope, order_id, payment_id)
);

-- Every refund that was asked for, the failed ones too; the payment's document has the latest.
CREATE TABLE refunds (
  payment_id text NOT NULL REFERENCES payments (payment_id),
  refund_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('PENDING', 'IN_DOUBT', 'SUCCEEDED', 'FAILED')),
  amount_rupiah bigint NOT NULL CHECK (amount_rupiah > 0),
  document text NOT NULL,
  PRIMARY KEY (payment_id, refund_id),
  CHECK (
    document::jsonb @> jsonb_build_object(
      'state', state, 'amount', jsonb_build_object('rupiah', amount_rupiah)
    )
  )
);

CREATE UNIQUE INDEX refunds_that_may_move_money ON refunds (payment_id) WHERE state <> 'FAILED';

CREATE FUNCTION refunds_stay_within_the_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.amount_rupiah + (
    SELECT coalesce(sum(amount_rupiah), 0) FROM refunds
    WHERE payment_id = NEW.payment_id AND refund_id <> NEW.refund_id AND state <> 'FAILED'
  ) > (SELECT amount_rupiah FROM payments WHERE payment_id = NEW.payment_id) THEN
    RAISE EXCEPTION 'refunds never exceed the payment'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT OR UPDATE OF state ON refunds
FOR EACH ROW WHEN (NEW.state <> 'FAILED')
EXECUTE FUNCTION refunds_stay_within_the_payment();

CREATE TRIGGER refunds_keep_what_they_are BEFORE UPDATE ON refunds
FOR EACH ROW WHEN (
  (OLD.payment_id, OLD.refund_id, OLD.amount_rupiah)
  IS DISTINCT FROM (NEW.payment_id, NEW.refund_id, NEW.amount_rupiah)
)
EXECUTE FUNCTION refuse('a refund keeps its payment, id and amount');

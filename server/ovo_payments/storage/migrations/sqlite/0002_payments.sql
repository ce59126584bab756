-- Payments as they stand. What changes without being a version (the checks, the lease) stands in
-- columns alone; the document's checks are those of its version.
CREATE TABLE payments (
  sequence INTEGER PRIMARY KEY,
  payment_id TEXT NOT NULL UNIQUE,
  scope TEXT NOT NULL,
  order_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  method TEXT NOT NULL,
  amount_rupiah INTEGER NOT NULL CHECK (amount_rupiah > 0),
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  binding_id TEXT REFERENCES bindings (binding_id),
  state TEXT NOT NULL
    CHECK (state IN ('PENDING', 'IN_DOUBT', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'REFUNDED')),
  version INTEGER NOT NULL CHECK (version >= 1),
  -- Whether the money or a refund may still move.
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  next_check_time_us INTEGER,
  sending INTEGER NOT NULL CHECK (sending IN (0, 1)),
  not_found_count INTEGER NOT NULL CHECK (not_found_count >= 0),
  not_found_time_us INTEGER,
  lease TEXT CHECK (lease <> ''),
  lease_until_us INTEGER,
  document TEXT NOT NULL,
  -- Finds an order's payments, and lets a claim name a payment of its own order alone.
  UNIQUE (scope, order_id, payment_id),
  CHECK (open = 1 OR state NOT IN ('PENDING', 'IN_DOUBT')),
  CHECK ((lease IS NULL) = (lease_until_us IS NULL)),
  CHECK (
    json_extract(document, '$.version') = version
    AND json_extract(document, '$.state') = state
    AND json_extract(document, '$.payment_id') = payment_id
    AND json_extract(document, '$.scope') = scope
    AND json_extract(document, '$.order_id') = order_id
    AND json_extract(document, '$.provider') = provider
    AND json_extract(document, '$.amount.rupiah') = amount_rupiah
    AND json_extract(document, '$.amount.currency') = currency
  )
) STRICT;

CREATE INDEX payments_open_by_binding ON payments (binding_id)
  WHERE open = 1 AND binding_id IS NOT NULL;
CREATE INDEX payments_due ON payments (next_check_time_us) WHERE next_check_time_us IS NOT NULL;
CREATE INDEX payments_leased ON payments (lease_until_us) WHERE lease IS NOT NULL;

CREATE TRIGGER payments_use_a_usable_binding BEFORE INSERT ON payments
WHEN NEW.binding_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM bindings
  WHERE binding_id = NEW.binding_id AND scope = NEW.scope AND provider = NEW.provider
    AND state = 'ACTIVE' AND unbind_requested = 0
)
BEGIN
  SELECT RAISE(ABORT, 'a payment begins on an active binding of its own scope and provider');
END;

CREATE TRIGGER payments_keep_what_they_are
BEFORE UPDATE OF
  payment_id, scope, order_id, provider, method, amount_rupiah, currency, binding_id
ON payments
BEGIN
  SELECT RAISE(ABORT, 'a payment keeps its order, provider, amount and reference');
END;

CREATE TRIGGER payments_change_by_versions BEFORE UPDATE OF state, version, document ON payments
WHEN NEW.version <> OLD.version + 1
BEGIN
  SELECT RAISE(ABORT, 'a change of a payment is its next version');
END;

CREATE TRIGGER payments_never_regress BEFORE UPDATE OF state ON payments
WHEN (OLD.state = 'SUCCEEDED' AND NEW.state NOT IN ('SUCCEEDED', 'REFUNDED'))
  OR (OLD.state = 'REFUNDED' AND NEW.state <> 'REFUNDED')
  OR (OLD.state IN ('FAILED', 'EXPIRED') AND NEW.state NOT IN (OLD.state, 'SUCCEEDED', 'REFUNDED'))
BEGIN
  SELECT RAISE(ABORT, 'no such transition');
END;

-- Every version as it was: the truth that watchers read and that the rows above fold up.
CREATE TABLE payment_events (
  sequence INTEGER PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  version INTEGER NOT NULL,
  document TEXT NOT NULL,
  UNIQUE (payment_id, version)
) STRICT;

CREATE TRIGGER payment_events_leave_no_gap BEFORE INSERT ON payment_events
WHEN NEW.version <> 1 + (
  SELECT coalesce(max(version), 0) FROM payment_events WHERE payment_id = NEW.payment_id
)
BEGIN
  SELECT RAISE(ABORT, 'the versions of a payment have no gap');
END;

CREATE TRIGGER payment_events_never_change BEFORE UPDATE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'the event log only grows');
END;

CREATE TRIGGER payment_events_never_go BEFORE DELETE ON payment_events
BEGIN
  SELECT RAISE(ABORT, 'the event log only grows');
END;

-- What was learnt, from where, and at which version of the payment.
CREATE TABLE evidence (
  sequence INTEGER PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  refund_id TEXT NOT NULL,
  observe_time_us INTEGER NOT NULL,
  source TEXT NOT NULL,
  claim TEXT NOT NULL,
  provider_code TEXT NOT NULL,
  detail TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE INDEX evidence_of_payment ON evidence (payment_id, version);

CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON evidence
BEGIN
  SELECT RAISE(ABORT, 'evidence only grows');
END;

CREATE TRIGGER evidence_never_goes BEFORE DELETE ON evidence
BEGIN
  SELECT RAISE(ABORT, 'evidence only grows');
END;

CREATE TRIGGER payments_end_on_evidence BEFORE UPDATE OF state ON payments
WHEN NEW.state <> OLD.state AND NEW.state IN ('SUCCEEDED', 'FAILED', 'EXPIRED', 'REFUNDED')
  AND NOT EXISTS (
    SELECT 1 FROM evidence WHERE payment_id = NEW.payment_id AND version = NEW.version
  )
BEGIN
  SELECT RAISE(ABORT, 'a payment ends on stored evidence alone');
END;

-- The one payment of an order that is open or succeeded.
CREATE TABLE order_claims (
  scope TEXT NOT NULL,
  order_id TEXT NOT NULL,
  payment_id TEXT NOT NULL UNIQUE,
  PRIMARY KEY (scope, order_id),
  FOREIGN KEY (scope, order_id, payment_id) REFERENCES payments (scope, order_id, payment_id)
) STRICT, WITHOUT ROWID;

-- Every refund that was asked for, the failed ones too; the payment's document has the latest.
CREATE TABLE refunds (
  payment_id TEXT NOT NULL REFERENCES payments (payment_id),
  refund_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('PENDING', 'IN_DOUBT', 'SUCCEEDED', 'FAILED')),
  amount_rupiah INTEGER NOT NULL CHECK (amount_rupiah > 0),
  document TEXT NOT NULL,
  PRIMARY KEY (payment_id, refund_id),
  CHECK (
    json_extract(document, '$.state') = state
    AND json_extract(document, '$.amount.rupiah') = amount_rupiah
  )
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX refunds_that_may_move_money ON refunds (payment_id) WHERE state <> 'FAILED';

CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT ON refunds
WHEN NEW.state <> 'FAILED' AND NEW.amount_rupiah + (
  SELECT coalesce(sum(amount_rupiah), 0) FROM refunds
  WHERE payment_id = NEW.payment_id AND state <> 'FAILED'
) > (SELECT amount_rupiah FROM payments WHERE payment_id = NEW.payment_id)
BEGIN
  SELECT RAISE(ABORT, 'refunds never exceed the payment');
END;

CREATE TRIGGER refunds_come_back_within_the_payment BEFORE UPDATE OF state ON refunds
WHEN NEW.state <> 'FAILED' AND NEW.amount_rupiah + (
  SELECT coalesce(sum(amount_rupiah), 0) FROM refunds
  WHERE payment_id = NEW.payment_id AND refund_id <> NEW.refund_id AND state <> 'FAILED'
) > (SELECT amount_rupiah FROM payments WHERE payment_id = NEW.payment_id)
BEGIN
  SELECT RAISE(ABORT, 'refunds never exceed the payment');
END;

CREATE TRIGGER refunds_keep_what_they_are
BEFORE UPDATE OF payment_id, refund_id, amount_rupiah ON refunds
BEGIN
  SELECT RAISE(ABORT, 'a refund keeps its payment, id and amount');
END;

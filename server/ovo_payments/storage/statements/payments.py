"""SQL about payments, their events, evidence and refunds, and the claims of orders.

A payment is written only where it still is what its writer read: the version *and* the checks.
Two writers may both change the checks alone, which is no version, and the second must not undo
the first. The checks themselves serve as the revision: who reads the same values decides the same.

`lease_before` is the lease that the row must have, empty where any will do; `lease_kept` says
whether the row's lease stays, whoever's it is; otherwise `lease_after` takes its place.
"""

from typing import Final

INSERT: Final = """
INSERT INTO payments (
  payment_id, scope, order_id, provider, method, amount_rupiah, currency, binding_id,
  state, version, open, next_check_time_us, sending, not_found_count, not_found_time_us,
  lease, lease_until_us, document, sealed, phone_hash
) VALUES (
  :payment_id, :scope, :order_id, :provider, :method, :amount_rupiah, :currency, :binding_id,
  :state, :version, :open, :next_check_time_us, :sending, :not_found_count, :not_found_time_us,
  :lease_after, :lease_until_us, :document, :sealed, :phone_hash
)
"""

UPDATE: Final = """
UPDATE payments SET
  state = :state, version = :version, open = :open, document = :document,
  sealed = :sealed,
  next_check_time_us = :next_check_time_us, sending = :sending,
  not_found_count = :not_found_count, not_found_time_us = :not_found_time_us,
  lease = CASE WHEN :lease_kept = 1 THEN lease ELSE :lease_after END,
  lease_until_us = CASE WHEN :lease_kept = 1 THEN lease_until_us ELSE :lease_until_us END
WHERE payment_id = :payment_id AND version = :before_version
  AND coalesce(next_check_time_us, 0) = :before_next_check_time_us
  AND sending = :before_sending AND not_found_count = :before_not_found_count
  AND coalesce(not_found_time_us, 0) = :before_not_found_time_us
  AND (:lease_before = '' OR lease = :lease_before)
"""

UPDATE_CHECKS: Final = """
UPDATE payments SET
  next_check_time_us = :next_check_time_us, sending = :sending,
  not_found_count = :not_found_count, not_found_time_us = :not_found_time_us,
  lease = CASE WHEN :lease_kept = 1 THEN lease ELSE :lease_after END,
  lease_until_us = CASE WHEN :lease_kept = 1 THEN lease_until_us ELSE :lease_until_us END
WHERE payment_id = :payment_id AND version = :before_version
  AND coalesce(next_check_time_us, 0) = :before_next_check_time_us
  AND sending = :before_sending AND not_found_count = :before_not_found_count
  AND coalesce(not_found_time_us, 0) = :before_not_found_time_us
  AND (:lease_before = '' OR lease = :lease_before)
"""

CLAIM_DUE: Final = """
WITH due AS (
  SELECT sequence FROM payments
  WHERE next_check_time_us <= :now_us AND (lease IS NULL OR lease_until_us <= :now_us)
    AND (:provider = '' OR provider = :provider)
  ORDER BY next_check_time_us, sequence LIMIT :limit
  /* FOR UPDATE SKIP LOCKED */
)
UPDATE payments SET lease = :lease_after, lease_until_us = :lease_until_us
WHERE sequence IN (SELECT sequence FROM due)
RETURNING
  payment_id, document, sealed, next_check_time_us, sending, not_found_count, not_found_time_us,
  sequence
"""

RELEASE: Final = """
UPDATE payments SET next_check_time_us = :retry_time_us, lease = NULL, lease_until_us = NULL
WHERE payment_id = :payment_id AND lease = :lease
"""

# Whoever was sending when the process stopped left a payment in doubt, which is asked about first.
RECOVER: Final = """
UPDATE payments SET
  next_check_time_us = CASE
    WHEN sending = 1 OR next_check_time_us > :now_us THEN :now_us ELSE next_check_time_us END,
  lease = NULL, lease_until_us = NULL
WHERE lease IS NOT NULL
"""

FIND: Final = """
SELECT
  payment_id, document, sealed, next_check_time_us, sending, not_found_count, not_found_time_us
FROM payments WHERE payment_id = :payment_id
"""

FIND_OWN: Final = """
SELECT
  payment_id, document, sealed, next_check_time_us, sending, not_found_count, not_found_time_us
FROM payments WHERE payment_id = :payment_id AND scope = :scope
"""

FIND_LATEST: Final = """
SELECT
  payment_id, document, sealed, next_check_time_us, sending, not_found_count, not_found_time_us
FROM payments WHERE scope = :scope AND order_id = :order_id ORDER BY sequence DESC LIMIT 1
"""

FIND_OPEN_OF_BINDING: Final = """
SELECT
  payment_id, document, sealed, next_check_time_us, sending, not_found_count, not_found_time_us
FROM payments WHERE binding_id = :binding_id AND open = 1 ORDER BY sequence LIMIT 1
"""

FIND_BY_PHONE: Final = """
SELECT 'payment', payment_id, scope, order_id, state FROM payments WHERE phone_hash = :phone_hash
UNION ALL
SELECT 'binding', binding_id, scope, '', state FROM bindings WHERE phone_hash = :phone_hash
ORDER BY 1, 2 DESC
"""

ASKED_OF: Final = """
SELECT provider FROM payments WHERE next_check_time_us IS NOT NULL
UNION SELECT provider FROM bindings WHERE next_check_time_us IS NOT NULL
ORDER BY provider
"""

FIND_LEASE: Final = "SELECT lease FROM payments WHERE payment_id = :payment_id"

NEXT_POSITION: Final = """
INSERT INTO positions (scope, position) VALUES (:scope, 1)
ON CONFLICT (scope) DO UPDATE SET position = positions.position + 1
RETURNING position
"""

INSERT_EVENT: Final = """
INSERT INTO payment_events (payment_id, version, scope, position, document, sealed)
VALUES (:payment_id, :version, :scope, :position, :document, :sealed_event)
"""

READ_EVENTS: Final = """
SELECT payment_id, version, document, sealed FROM payment_events
WHERE payment_id = :payment_id AND version > :after_version
ORDER BY version LIMIT :limit
"""

READ_CHANGES: Final = """
SELECT position, payment_id, version, document, sealed FROM payment_events
WHERE scope = :scope AND position > :after_position
ORDER BY position LIMIT :limit
"""

FIND_POSITION: Final = "SELECT position FROM positions WHERE scope = :scope"

IDENTITY: Final = "SELECT name FROM identity"

INSERT_EVIDENCE: Final = """
INSERT INTO evidence (
  payment_id, refund_id, observe_time_us, source, claim, provider_code, detail, version
) VALUES (
  :payment_id, :refund_id, :observe_time_us, :source, :claim, :provider_code, :detail, :version
)
"""

READ_EVIDENCE: Final = """
SELECT payment_id, refund_id, observe_time_us, source, claim, provider_code, detail, version
FROM evidence WHERE payment_id = :payment_id ORDER BY sequence
"""

CLAIM_ORDER: Final = """
INSERT INTO order_claims (scope, order_id, payment_id) VALUES (:scope, :order_id, :payment_id)
ON CONFLICT (scope, order_id) DO NOTHING
"""

FIND_ORDER_CLAIM: Final = """
SELECT payment_id FROM order_claims WHERE scope = :scope AND order_id = :order_id
"""

# Held until the commit: of two payments of an order that end at once, the second sees the first.
LOCK_ORDER_CLAIM: Final = """
SELECT payment_id FROM order_claims WHERE scope = :scope AND order_id = :order_id
/* FOR UPDATE */
"""

FREE_ORDER: Final = "DELETE FROM order_claims WHERE payment_id = :payment_id"

# A payment may have succeeded late, while the one that now ends held the order.
HAND_ORDER_OVER: Final = """
INSERT INTO order_claims (scope, order_id, payment_id)
SELECT scope, order_id, payment_id FROM payments
WHERE scope = :scope AND order_id = :order_id AND state = 'SUCCEEDED'
ORDER BY sequence LIMIT 1
"""

INSERT_REFUND: Final = """
INSERT INTO refunds (payment_id, refund_id, state, amount_rupiah, document, sealed)
VALUES (:payment_id, :refund_id, :state, :amount_rupiah, :document, :sealed)
"""

FIND_MOVING_REFUND: Final = """
SELECT refund_id FROM refunds WHERE payment_id = :payment_id AND state <> 'FAILED'
"""

UPDATE_REFUND: Final = """
UPDATE refunds SET state = :state, document = :document, sealed = :sealed
WHERE payment_id = :payment_id AND refund_id = :refund_id
"""

"""Delivers notifications to the merchant: attempts, retries, a log, and faults on the way."""

from ovo_sandbox.delivery.courier import NotificationSource, Tampering
from ovo_sandbox.delivery.engine import Delivery
from ovo_sandbox.delivery.notification import Attempt, Notification

__all__ = ["Attempt", "Delivery", "Notification", "NotificationSource", "Tampering"]

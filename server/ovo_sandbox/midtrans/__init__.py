"""Stands in for Midtrans' Core API with payment_type "ovo"."""

from ovo_sandbox.midtrans.provider import create

__all__ = ["create"]

"""Stands in for DOKU SNAP: tokens, bindings, payments, their pages and their notifications."""

from ovo_sandbox.doku.provider import Doku, create

__all__ = ["Doku", "create"]

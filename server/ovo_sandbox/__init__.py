"""Stands in for Midtrans and DOKU on one port, with one clock, one wallet and one ledger."""

"""What callers reach: the contract's eight RPCs, health and reflection."""

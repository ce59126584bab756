"""The use cases, one module each, named like their RPCs."""

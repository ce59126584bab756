"""Takes OVO wallet payments through the providers that carry them."""

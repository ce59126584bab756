"""The payment providers: one folder each, and the one module through which they speak HTTP."""

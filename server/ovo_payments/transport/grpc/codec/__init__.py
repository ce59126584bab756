"""Between the contract's messages and the application's values: `decode` and `encode`."""

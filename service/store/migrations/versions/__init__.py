"""Schema steps, applied at start-up, each in one transaction with its version number."""

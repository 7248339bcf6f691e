"""Fuzzing of what reads strangers' bytes: `targets` says what must hold, `campaign` tries to break it."""

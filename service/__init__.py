"""Avizor: polls news feeds, recognises what watchlists ask for, alerts once per event and says why."""

"""Consent and opt-out: who of the client list is not encoded, and why."""

"""Invitations: a holder of an account lets another person hold it too (JOURNEYS C8, docs/decisions/0024)."""

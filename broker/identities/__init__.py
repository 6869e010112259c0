"""Identities: one e-mail and one password per person, their links to legacy accounts, and attempts to sign in."""

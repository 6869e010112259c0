"""Storey 1: the syndics, and what belongs to them: clients, trust, legacy accounts, terms, evidence.

It knows nothing of people's identities, of HTTP requests or of workers.
"""

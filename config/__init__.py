"""Storey 0: what every other part stands on. Settings, clock, secrets, database, outbox, embedded servers.

It owns no rule of the domain and imports none of ours.
"""

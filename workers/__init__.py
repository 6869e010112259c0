"""Storey 3: what happens after the answer. The outbox's consumers: mail, and the retirement of legacy credentials.

Nobody imports this package: a web process never carries worker code.
"""

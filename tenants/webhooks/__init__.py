"""Webhooks: which of a syndic's servers is told what, what it is told, and the keys that sign it. The workers send it."""

"""Webhooks: which of a syndic's servers is told what, in which words, signed by which keys. The workers send it."""

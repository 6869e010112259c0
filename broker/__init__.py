"""Storey 2: people and their sign-ins. The web application, the OpenID Provider, the association of accounts.

It never imports `workers`: what must happen later is promised to the outbox.
"""

"""Signing in: the login page, help, and the portal. Who may sign in is decided in `identities` and `tenants.legacy`."""

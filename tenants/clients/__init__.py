"""Clients (relying parties) and signing keys of a syndic. Protocol answers are made in `broker.oidc`."""

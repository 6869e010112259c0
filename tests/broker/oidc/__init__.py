"""Promises of the provider, endpoint by endpoint."""

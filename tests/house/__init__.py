"""The house in order: what no newcomer may forget."""

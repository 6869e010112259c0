"""Promises of the workers: nothing promised is lost, nothing is done twice for long, no secret is kept."""

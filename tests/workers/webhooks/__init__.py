"""Promises of the webhooks: what a consumer may rely on, and what it can never make us do."""

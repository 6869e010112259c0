"""One account, several persons: invitations, second codes, leaving (JOURNEYS C8)."""

"""`trousseau legacy`: accounts that syndics issued. Their import, where their secrets are, and their end."""

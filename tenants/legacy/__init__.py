"""Legacy accounts: the numbered accounts that a syndic issued, where their secrets are verified, and their end."""

"""After a recovery: the owner looks at accounts and authenticators, for somebody may have had the account (R3)."""

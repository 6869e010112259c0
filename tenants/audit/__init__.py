"""The evidence ledger: one gapless hash chain per syndic and one for the platform. Append and verify only."""

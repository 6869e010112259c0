"""Whether the time of an answer tells known names from unknown ones (SECURITY R10): `make bench-oracle`.

The tests under `tests/security/no_oracle` hold that all else is alike; this measures the clock.
"""

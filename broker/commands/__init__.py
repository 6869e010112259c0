"""The groups of the `trousseau` command: each translates arguments, calls a service, and commits once."""

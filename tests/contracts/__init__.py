"""One suite per Protocol, run for every kind that implements it."""

"""The registry of which syndic trusts which, for what. `service.decide` is the only place that answers."""

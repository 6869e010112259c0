"""The provider, beyond what the journeys walk."""

"""Journeys: what an owner does from the extranet's link to the extranet's page, over HTTP, against running servers."""

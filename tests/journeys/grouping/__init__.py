"""Several accounts under one address: at one syndic, at partners, and refused at strangers (JOURNEYS C)."""

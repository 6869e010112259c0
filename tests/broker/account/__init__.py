"""« Mon compte »: what its pages keep, show and let go of."""

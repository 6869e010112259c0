"""« Historique »: the person's security journal of twelve months, in plain words."""

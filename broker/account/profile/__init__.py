"""« Informations personnelles »: what the person says of themselves, and which syndic may see which of it."""

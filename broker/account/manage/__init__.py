"""« Gérer mes comptes »: which account opens by itself, how each is called, and how one is detached."""

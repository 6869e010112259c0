"""The owner's own pages: « Mes comptes » and what belongs to the person."""

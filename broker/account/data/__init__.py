"""« Mes données »: one file with everything that is kept of the person, and the way to have it erased."""

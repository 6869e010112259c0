"""« Mes preuves »: what a person accepted and confirmed, in plain words, and as a file that a third party verifies."""

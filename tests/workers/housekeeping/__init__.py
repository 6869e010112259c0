"""What leaves each table and when, that nothing is forgotten, and that no step of it reads a whole large table."""

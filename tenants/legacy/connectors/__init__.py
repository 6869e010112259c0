"""Where a syndic's legacy secrets live, one kind a module, all under one Protocol (`contract.py`)."""

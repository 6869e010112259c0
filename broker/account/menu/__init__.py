"""« Menu de mes extranets »: whose accounts the menus of other extranets may show."""

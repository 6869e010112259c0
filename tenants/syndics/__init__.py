"""The syndics: who they are, how they look, which policy they chose. Not their clients, accounts or partners."""

"""`trousseau trust`: who trusts whom. Agreements, circles and denials are changed here, and decisions explained."""

"""General terms: the platform's and each syndic's, by version and language, and what was accepted."""

"""« Titulaires »: who holds an account with the person, as far as that is theirs to know; inviting, and taking back."""

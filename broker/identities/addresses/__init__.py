"""The change of an identity's address (SECURITY R4): asked for, confirmed, told to the former one, taken back."""

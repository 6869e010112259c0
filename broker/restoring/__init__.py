"""What the service owes its owners after its database was restored to an earlier moment."""

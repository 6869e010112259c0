"""`make bench-trust`: what the trust registry costs at size, and « Mes comptes » with 200 accounts."""

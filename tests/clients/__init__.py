"""Client libraries and modules that extranets use, run against the broker with the settings of docs/integrate.md.

Nothing here checks what the library itself checks (signatures, nonces, issuers): that it lets a person in is the proof.
"""

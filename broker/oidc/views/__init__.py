"""The endpoints of an issuer `{base}/t/{slug}`, a file for each thing that somebody comes for."""

"""Housekeeping: what leaves each table and when (`rules`, `sessions`, `attempts`, `tombstones`), in bounded steps
(`steps`, `turn`), and what stays and why (`kept`). docs/retention.md says the same to operators.

Who is erased at their own wish is `workers.erasure`'s; keys follow one another in `workers.keys`.
"""

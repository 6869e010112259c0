"""What breaks under a load of sign-ins and associations, and what must be there afterwards (invariants I1 to I6).

`deployment` runs the real programs and lets faults strike them; `load` are the owners, who write down in `history` what
was acknowledged; `judge` compares that with the database, the extranet's books and the mailboxes. Each `test_` file is
a kind of fault. `make faults` runs the long forms and writes docs/reliability.md.
"""

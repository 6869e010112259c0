"""Two attackers and a victim, played at random against the real application, and what must stay true all the time.

`truth` is what should be, `people` who knows and holds what, the other modules the acts by subject, `machine` all of
it together.
"""

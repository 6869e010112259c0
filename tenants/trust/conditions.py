"""What stands between two syndics, as SQL: one text for `trust.decide`, and for statements that ask it in passing.

The arguments are SQL expressions, written by us, never values: two syndics' ids, a purpose, an instant. A period
holds from its first microsecond and not at its last. `tenants.trust.picture` says the same in Python.
"""


def denied(a: str, b: str, at: str) -> str:
    """Whether a side of the pair denies the other, or objects to it: that always wins."""
    return f"""EXISTS (
        SELECT FROM trust_denials AS denial
        WHERE (denial.denier_id, denial.denied_id) IN (({a}, {b}), ({b}, {a}))
          AND denial.denied_at <= {at} AND (denial.lifted_at IS NULL OR {at} < denial.lifted_at)
    )"""


def document(a: str, b: str, purpose: str, at: str) -> str:
    """The first agreement's document: `forward` opens the accepter to the proposer, `backward` the other way."""
    return f"""(
        SELECT agreement.document FROM trust_agreements AS agreement
        WHERE ((agreement.proposer_id = {a} AND agreement.accepter_id = {b} AND {purpose} = ANY (agreement.forward))
            OR (agreement.proposer_id = {b} AND agreement.accepter_id = {a} AND {purpose} = ANY (agreement.backward)))
          AND agreement.accepted_at <= {at}
          AND (agreement.suspended_at IS NULL OR {at} < agreement.suspended_at)
          AND agreement.valid_from <= {at} AND (agreement.valid_until IS NULL OR {at} < agreement.valid_until)
        ORDER BY agreement.id LIMIT 1
    )"""


def circle(a: str, b: str, purpose: str, at: str) -> str:
    """The first circle whose members both are."""
    return f"""(
        SELECT circle.name FROM trust_circles AS circle
        JOIN trust_members AS one ON one.circle_id = circle.id AND one.syndic_id = {a}
        JOIN trust_members AS two ON two.circle_id = circle.id AND two.syndic_id = {b}
        WHERE {purpose} = ANY (circle.purposes)
          AND one.valid_from <= {at} AND (one.valid_until IS NULL OR {at} < one.valid_until)
          AND two.valid_from <= {at} AND (two.valid_until IS NULL OR {at} < two.valid_until)
        ORDER BY circle.id LIMIT 1
    )"""


def active(a: str, b: str) -> str:
    """Whether both sides are active now: a status has no dates."""
    return " AND ".join(
        f"EXISTS (SELECT FROM syndics AS side WHERE side.id = {each} AND side.status = 'active')" for each in (a, b)
    )


def condition(a: str, b: str, purpose: str, at: str) -> str:
    """What `decide(...).allowed` says, for statements that cannot afford a round trip more."""
    stands = f"coalesce({document(a, b, purpose, at)}, {circle(a, b, purpose, at)}) IS NOT NULL"
    return f"({a} = {b} OR ({active(a, b)} AND {stands} AND NOT {denied(a, b, at)}))"


def grounds(a: str, others: str, purpose: str, at: str) -> str:
    """What stands between `a` and each of an array of others, in its order.

    Whether one denies the other, whether both are active, a document, a circle's name.
    """
    return f"""
    SELECT {denied(a, "other.id", at)} AS denied,
           {active(a, "other.id")} AS active,
           {document(a, "other.id", purpose, at)} AS document,
           {circle(a, "other.id", purpose, at)} AS circle
    FROM unnest(CAST({others} AS uuid[])) WITH ORDINALITY AS other (id, place) ORDER BY other.place
    """

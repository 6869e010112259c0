"""The generator's rows are what the service itself would have written."""

from tests.bench.conftest import SIZE, Populated


def test_every_visitor_signs_in_as_any_owner_does(populated: Populated) -> None:
    flow = populated.flow
    for visitor in populated.visitors[: SIZE.syndics]:
        tokens = flow.whole(visitor)
        assert {"access_token", "id_token", "refresh_token"} <= tokens.keys()
        told = flow.userinfo(visitor, tokens["access_token"])
        assert told["name"], "an account has a holder"
        assert told["email"].endswith("@courriel.example")
        assert "access_token" in flow.refresh(visitor, tokens["refresh_token"])
        assert flow.introspection(visitor, tokens["access_token"])["active"] is True


def test_neighbouring_visitors_are_of_different_syndics_and_all_syndics_are_visited(populated: Populated) -> None:
    prefixes = [visitor.prefix for visitor in populated.visitors]
    assert len(set(prefixes[: SIZE.syndics])) == SIZE.syndics
    assert len({visitor.cookie for visitor in populated.visitors}) == SIZE.sessions


def test_the_numbers_are_those_asked_for(populated: Populated) -> None:
    assert populated.count("SELECT count(*) FROM syndics") == SIZE.syndics
    assert populated.count("SELECT count(*) FROM identities") == SIZE.identities
    assert populated.count("SELECT count(*) FROM login_sessions") == SIZE.sessions
    assert populated.count("SELECT count(*) FROM signing_keys") == 2 * SIZE.syndics


def test_a_link_ties_an_identity_to_a_retired_account_of_the_same_syndic(populated: Populated) -> None:
    astray = """
        SELECT count(*) FROM links l JOIN legacy_accounts a ON a.id = l.account_id
        WHERE a.syndic_id <> l.syndic_id OR a.state <> 'disabled' OR a.secret_hash IS NOT NULL OR a.sub <> l.sub
    """
    assert populated.count(astray) == 0
    lost = "SELECT count(*) FROM identities i LEFT JOIN links l ON l.id = i.default_link_id WHERE l.identity_id <> i.id"
    assert populated.count(lost) == 0
    assert populated.count("SELECT count(*) FROM links") > SIZE.identities, "some own two flats"
    assert populated.count("SELECT count(*) FROM legacy_accounts WHERE state = 'active'") > 0, "some never associated"


def test_a_session_was_authenticated_at_the_syndic_of_its_owner(populated: Populated) -> None:
    elsewhere = """
        SELECT count(*) FROM session_origins o JOIN login_sessions s ON s.id = o.session_id
        WHERE NOT EXISTS (SELECT FROM links l WHERE l.identity_id = s.identity_id AND l.syndic_id = o.syndic_id)
    """
    assert populated.count(elsewhere) == 0

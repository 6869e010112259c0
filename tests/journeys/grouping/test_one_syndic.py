"""As many accounts of one syndic as the owner has, each by the same journey (JOURNEYS C1)."""

from concurrent.futures import ThreadPoolExecutor

from tests.journeys.grouping.attempts import DONE, begin, by_code, by_link
from tests.journeys.steps import associate, email_sign_in
from tests.world import World


def test_five_accounts_by_link_and_by_code_with_the_same_address_and_password(world: World) -> None:
    syndic = world.syndic(accounts=5)
    email = f"cinq@{syndic.slug}.example"
    for number, account in enumerate(syndic.accounts):
        _, page = begin(syndic, account, email)
        world.work()
        question = by_link(world, email) if number % 2 else by_code(world, page, email)
        assert question.submit("Confirmer").heading == DONE, f"account {number + 1} is added like the first"
        world.work()
    told = email_sign_in(syndic, email).userinfo
    assert [each["identifier"] for each in told["accounts"]] == [each.identifier for each in syndic.accounts]
    assert told["account"]["identifier"] == syndic.accounts[0].identifier, "the first one stays the default"


def test_four_accounts_confirmed_at_the_same_moment_are_all_added(world: World) -> None:
    syndic = world.syndic(accounts=5)
    email = f"ensemble@{syndic.slug}.example"
    associate(world, syndic, syndic.accounts[0], email)
    questions = []
    for account in syndic.accounts[1:]:
        begin(syndic, account, email)
        world.work()
        questions.append(by_link(world, email))
    with ThreadPoolExecutor(4) as pool:
        headings = list(pool.map(lambda page: page.submit("Confirmer").heading, questions))
    assert headings == [DONE] * 4, "none waits for another in a ring, none is lost"
    assert len(email_sign_in(syndic, email).userinfo["accounts"]) == 5
    world.ledger_is_whole()

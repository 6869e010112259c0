"""Imports and secrets: what was retired stays retired, whatever a later export says."""

import passlib.hash
import pytest
from sqlalchemy import event, select

from config import clock
from config.database import db, session
from tenants.legacy import closing
from tenants.legacy import service as legacy
from tenants.legacy.connectors.contract import Receipt
from tenants.legacy.connectors.source import connector_for
from tenants.legacy.models import LegacyAccount
from tenants.syndics.models import Syndic
from tests.tenants.legacy.examples import a_syndic, an_account
from tests.tenants.onboarding.exports import RIGHT, Import, accounts, counts, row, signs_in

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.parametrize("steps", [1, 2, 3], ids=["linked", "disable_requested", "disabled"])
@pytest.mark.parametrize("secret", [RIGHT, "Brand-new-1"])
def test_an_import_never_brings_a_retired_secret_back(bring: Import, steps: int, secret: str) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    account = accounts(syndic)["A1"]
    legacy.mark_pending(account)
    legacy.confirm(account, disable=steps > 1)
    if steps > 2:
        legacy.record_disabled(account, Receipt("done", clock.now()))
    session().flush()
    kept = (account.state, account.secret_hash, account.epoch)
    report = bring(syndic, row("A1", "Mme Lefèvre", secret=secret))
    assert (account.state, account.secret_hash, account.epoch) == kept
    assert account.holder == "Mme Lefèvre", "its other details follow the export"
    told = signs_in(syndic, "A1", secret)
    assert told is None or told.retired, "a retired identifier must not open again"
    if secret != RIGHT or steps > 2:
        assert report.kept_retired == 1
        assert "1 kept retired" in report.summary()


def test_an_account_linked_during_the_import_keeps_its_secret(bring: Import) -> None:
    """What was read as active is linked by somebody else before the chunk is written."""
    syndic = a_syndic()
    account = an_account(syndic, "A1", RIGHT)
    old = account.secret_hash

    def link(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "unnest" in statement:
            changed = "UPDATE legacy_accounts SET state = 'linked' WHERE id = %s"
            session().connection().exec_driver_sql(changed, (account.id,))

    event.listen(db.engine, "before_cursor_execute", link)
    bring(syndic, row("A1", secret="Brand-new-1"))
    event.remove(db.engine, "before_cursor_execute", link)
    assert (account.state, account.secret_hash) == ("linked", old)


def test_no_secret_of_a_remote_source_is_stored(bring: Import) -> None:
    syndic = a_syndic("http", "http://127.0.0.1:9/legacy")
    report = bring(syndic, row("A1"), row("A2", secret=None))
    assert counts(report) == (2, 0, 0, 0)
    assert all(account.secret_hash is None for account in accounts(syndic).values())
    assert "not stored" in report.summary()
    assert counts(bring(syndic, row("A1"), row("A2", secret=None))) == (0, 0, 2, 0)


def _in_doubt(syndic: Syndic) -> LegacyAccount:
    """An account whose former secret has died, and for which a new one is asked."""
    account = accounts(syndic)["A1"]
    signs_in(syndic, "A1")
    legacy.reissue(account)
    connector_for(syndic.id).disable("A1", "key")
    session().refresh(account)
    legacy.record_disabled(account, Receipt("done", clock.now()))
    session().flush()
    return account


def test_the_export_of_before_brings_no_secret_back(bring: Import) -> None:
    syndic, before = a_syndic(), row("A1")
    bring(syndic, before)
    _in_doubt(syndic)
    report = bring(syndic, before)
    assert report.kept_retired == 1, "the report says so"
    assert accounts(syndic)["A1"].state == "disabled"
    assert accounts(syndic)["A1"].secret_hash is None


def test_a_new_hash_makes_the_account_active_under_a_new_subject(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    former = accounts(syndic)["A1"].sub
    _in_doubt(syndic)
    report = bring(syndic, row("A1", holder="Mme Nouvelle", secret="Jonquille-2027"))
    account = accounts(syndic)["A1"]
    assert (counts(report), report.kept_retired) == ((0, 1, 0, 0), 0)
    assert (account.state, account.holder, account.reissue_key) == ("active", "Mme Nouvelle", None)
    assert account.sub != former
    assert signs_in(syndic, "A1", "Jonquille-2027") == legacy.Verified(account, retired=False)
    assert signs_in(syndic, "A1", RIGHT) is None


def test_the_former_secret_under_a_new_hash_is_refused_at_the_sign_in(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    _in_doubt(syndic)
    salted = passlib.hash.ldap_salted_md5.hash(RIGHT)
    bring(syndic, ["A1", "Zoé", "z@exemple.fr", "Appt 1", salted, "ldap_salted_md5"])
    assert accounts(syndic)["A1"].state == "active", "what is behind a hash nobody sees"
    assert signs_in(syndic, "A1", RIGHT) is None, "but a retired secret never works again"
    bring(syndic, row("A1", secret="Jonquille-2027"))
    assert signs_in(syndic, "A1", "Jonquille-2027") is not None


def test_a_new_hash_for_a_retired_account_that_nobody_asked_to_renew_stays_out(bring: Import) -> None:
    syndic = a_syndic()
    bring(syndic, row("A1"))
    account = _in_doubt(syndic)
    account.reissue_key = None
    session().flush()
    bring(syndic, row("A1", secret="Jonquille-2027"))
    assert accounts(syndic)["A1"].state == "disabled"


def test_an_export_of_before_takes_no_new_secret_away(bring: Import) -> None:
    syndic, before = a_syndic(), row("A1")
    bring(syndic, before)
    _in_doubt(syndic)
    bring(syndic, row("A1", secret="Jonquille-2027"))
    report = bring(syndic, before)
    assert report.kept_retired == 1, "the report says so"
    assert signs_in(syndic, "A1", RIGHT) is None, "a retired secret never works again"
    assert signs_in(syndic, "A1", "Jonquille-2027") is not None, "the new one goes on"


def test_what_a_closed_account_leaves_is_inherited_by_its_identifiers_next_one(bring: Import) -> None:
    syndic, before = a_syndic(), row("A1")
    bring(syndic, before)
    signs_in(syndic, "A1")
    closing.close(accounts(syndic)["A1"], "reused")
    session().flush()
    assert counts(bring(syndic, before)) == (0, 0, 0, 1), "an older file is refused, by its line"
    assert counts(bring(syndic, row("A1", secret="Jonquille-2027"))) == (1, 0, 0, 0)
    heir = session().scalars(select(LegacyAccount).filter_by(syndic_id=syndic.id, state="active")).one()
    assert len(heir.retired_hashes) == 1
    assert len(heir.retired_tombstones) == 1
    bring(syndic, ["A1", "Zoé", "z@exemple.fr", "Appt 1", passlib.hash.ldap_salted_md5.hash(RIGHT), "ldap_salted_md5"])
    assert signs_in(syndic, "A1", RIGHT) is None, "the former secret under a new hash is the former secret"

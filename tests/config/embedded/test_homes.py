"""Homes of every kind: deep, oddly named, an ordinary user's, somebody else's."""

import json
import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from kombu.connection import Connection
from redis import Redis
from redis.exceptions import ResponseError

from config.embedded import places
from config.embedded.binaries import _fill, postgres_binaries
from config.embedded.errors import EmbeddedServerError
from config.embedded.os_user import OsUser, server_user
from config.embedded.valkey import EmbeddedValkey
from tests.config.embedded.conftest import ROOT
from tests.config.embedded.processes import open_interpreter, open_to_all

SITE = Path(sysconfig.get_path("purelib"))
LONG_NAME = "Copropriété « Les Tilleuls », bât. 100 % (n° 3) " * 2


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may reach: pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="trousseau-home-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def deep_home(open_folder: Path) -> Path:
    """A home too deep for a socket, with spaces, commas and accents."""
    return open_folder / LONG_NAME / LONG_NAME / "home"


def test_valkey_works_in_a_deep_home_for_every_client(deep_home: Path) -> None:
    with EmbeddedValkey(deep_home) as server:
        with Redis.from_url(server.url) as client:
            assert client.ping(), "redis-py accepts the address"
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with Connection(server.celery_url) as queue:  # type: ignore[no-untyped-call]  # kombu has no types
            queue.ensure_connection(max_retries=1)
            assert queue.connected, "Celery's transport accepts the address"
        backend = Celery(broker=server.celery_url, backend=server.celery_url).backend
        assert backend.client.ping(), "Celery's result backend accepts the address"
        backend.client.close()
    server.wipe()


def test_valkey_keeps_nothing_and_listens_to_no_network(valkey: EmbeddedValkey) -> None:
    valkey.ensure()
    with Redis.from_url(valkey.url) as client:
        client.set("hint", "1")
        with pytest.raises(ResponseError, match=r"not allowed|disabled") as refused:
            client.execute_command("DEBUG", "SLEEP", "0")
        assert client.config_get("port") == {"port": "0"}, str(refused.value)
    valkey.stop()
    valkey.ensure()
    with Redis.from_url(valkey.url) as client:
        assert client.get("hint") is None, "what it holds may be lost, and is"


def test_an_ordinary_user_has_the_same_in_a_deep_home(deep_home: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{SITE}", "PYTHONDONTWRITEBYTECODE": "1"}
    words = [open_interpreter(), "-m", "tests.config.embedded.launcher", str(deep_home), "whole-life", "disk"]
    ids = _become_nobody(deep_home)
    ran = subprocess.run(  # type: ignore[call-overload]  # the options are a dictionary  # noqa: S603 - our own words
        words, cwd="/", env=environment, capture_output=True, text=True, check=False, **ids
    )
    assert ran.returncode == 0, ran.stderr
    expected = ids.get("user", os.geteuid())
    assert json.loads(ran.stdout)["uid"] == expected, "the server runs as the user who launched it"
    left = [path for path in deep_home.rglob("*") if path.name == "data"]
    assert not left, "a wipe removes the data"


def _become_nobody(home: Path) -> dict[str, int]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    if not open_to_all(SITE):
        pytest.skip(f"an ordinary user cannot reach {SITE}")
    home.parent.mkdir(parents=True)
    os.chown(home.parent, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid}


def test_programs_in_a_folder_closed_to_the_server_are_copied_whole(open_folder: Path) -> None:
    _fill(open_folder, postgres_binaries(None).parent)
    words = [str(next(open_folder.rglob("initdb"))), "-D", "/nowhere", "--show"]
    user = server_user()
    uid = None if user is None else user.uid
    ran = subprocess.run(words, user=uid, cwd="/", capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert "share_path=" + str(open_folder) in ran.stderr, "the copy finds its own files"
    closed = [path for path in open_folder.rglob("*") if path.stat().st_mode & 0o005 != 0o005]
    assert not closed, "any user can read and run the copy"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_folder_that_somebody_else_made_first_is_refused(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 1, 1)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    for folder in (theirs, link):
        with pytest.raises(EmbeddedServerError, match="belongs to somebody else"):
            places.own_folder(folder, 0o700)


def test_data_that_were_moved_away_from_their_home_are_missed(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    place = places.Place(home, elsewhere, None, forgetful=False)
    place.prepare()
    elsewhere.rename(tmp_path / "moved")
    with pytest.raises(EmbeddedServerError, match="moved or deleted"):
        place.prepare()
    (tmp_path / "moved").rename(elsewhere)
    place.prepare()


def test_a_place_is_the_users_own(tmp_path: Path) -> None:
    somebody = OsUser("somebody", 12345, 12345)
    ordinary = places.database_place(tmp_path, None, in_memory=False)
    root = places.database_place(tmp_path, somebody, in_memory=False)
    assert ordinary.folder == tmp_path, "an ordinary user's data are in the home"
    assert root.folder.parent == places.ROOT_BASE, "root's are where the server's user can reach them"

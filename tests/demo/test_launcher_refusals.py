"""A demonstration that cannot start says why in one line, and leaves nothing behind."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.demo.launching import Launcher, eventually, gone

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(name="launcher")
def _launcher(tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.clear()


def test_a_taken_port_is_named(launcher: Launcher) -> None:
    with socket.create_server(("127.0.0.1", launcher.port + 102)):
        status, said = launcher.run()
    assert status == 1, "it does not start"
    assert str(launcher.port + 102) in said, f"it says which port is taken: {said}"
    assert len(said.splitlines()) == 1, "in one line"
    assert not (launcher.folder / "home").exists(), "and before it touched anything"


@pytest.mark.parametrize(("setting", "value"), [("PORT", "eighty"), ("PORT", "70000"), ("TROUSSEAU_RESEND_S", "soon")])
def test_a_setting_that_cannot_be_used_is_named(launcher: Launcher, setting: str, value: str) -> None:
    status, said = launcher.run(**{setting: value})
    assert status == 1, "it does not start"
    assert setting in said, f"it says what is wrong: {said}"
    assert "Traceback" not in said, said


def test_a_program_that_cannot_start_ends_the_others_and_shows_its_last_words(launcher: Launcher) -> None:
    # The web server reads this one; nobody else does.
    process = launcher.start(GRANIAN_SSL_CERTIFICATE="/there/is/no/such/file")
    family: set[psutil.Process] = set()

    def ended() -> bool:
        with suppress(psutil.NoSuchProcess):
            family.update(psutil.Process(process.pid).children(recursive=True))
        return process.poll() is not None

    eventually("the start that cannot succeed is given up", ended)
    said, _ = process.communicate()
    assert process.returncode == 1, "it has failed"
    assert "web ended while it started." in said, said
    assert "/there/is/no/such/file" in said, f"the end of the web server's log: {said}"
    assert family, "programs had started"
    assert gone(list(family)), "and nothing of them is left running"

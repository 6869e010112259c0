"""The program that a new one replaces: the revision that landed before, taken from the repository's history.

Which one: `UPGRADE_FROM`, if it is given. Else the main branch, where this revision comes after it and brings other
migrations. Else the newest of this revision's first parents with other migrations than it: where the main branch moves
by merges, that is what landed before.
"""

import os
import re
import shlex
import subprocess
import sys
import venv
from pathlib import Path

from tests.deployment.dockerfile import Image, steps
from tests.deployment.files import ROOT

MIGRATIONS = "config/migrations/versions"
MAIN = ("origin/main", "main")
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


class NoHistory(Exception):  # noqa: N818 - what the tests say where they cannot run
    """This is no clone with the revisions before this one."""


def revision() -> str:
    """The commit of the program before this one.

    Raises:
        NoHistory: there is none to be found.
    """
    if given := os.environ.get("UPGRADE_FROM"):
        return _git("rev-parse", f"{given}^{{commit}}").strip()
    ours = _migrations("HEAD")
    for name in MAIN:
        if _is_before(name) and _migrations(name) != ours:
            return _git("merge-base", "HEAD", name).strip()
    for commit in _git("rev-list", "--first-parent", "HEAD").split():
        found = _migrations(commit)
        if found and found != ours:
            return commit
    raise NoHistory("no revision with other migrations")


def extracted(commit: str, folder: Path, image: Image) -> Image:
    """The program of that commit in a folder, on the libraries of this one where it needs no others."""
    folder.mkdir()
    archive = subprocess.Popen(["git", "archive", commit], cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603, S607 - our own words
    subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)  # noqa: S603, S607 - the same
    assert archive.stdout is not None
    archive.stdout.close()
    assert archive.wait() == 0
    written = dict(steps((folder / "Dockerfile").read_text("utf-8")))
    command = shlex.split(re.sub(r'[\[\],]|(?<=")\s|"', " ", written["CMD"]))
    # What stands in the folder comes before what is installed: its own packages on the new one's libraries.
    environment = {**image.environment, "PYTHONPATH": str(folder)}
    installed = image.folder if _pins(folder) <= _pins(ROOT) else _with_libraries(folder)
    return Image(installed, environment, folder, command=command)


def _pins(folder: Path) -> set[tuple[str, str]]:
    """Which library in which version a program needs."""
    return set(PIN.findall((folder / "requirements/base.lock").read_text("utf-8")))


def _with_libraries(folder: Path) -> Path:
    """Install what the program's own lock names, beside it."""
    venv.create(folder / "python")
    uv, python = Path(sys.executable).with_name("uv"), folder / "python" / "bin" / "python"
    lock = ("--require-hashes", "-r", str(folder / "requirements/base.lock"))
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *lock], check=True)  # noqa: S603 - our own words
    return folder


def is_shallow() -> bool:
    """Whether this clone was made without its history."""
    return _git("rev-parse", "--is-shallow-repository").strip() == "true"


def _is_before(name: str) -> bool:
    try:
        return _git("merge-base", "HEAD", name) not in ("", _git("rev-parse", "HEAD"))
    except NoHistory:
        return False


def _migrations(commit: str) -> set[str]:
    return {name for name in _git("ls-tree", "--name-only", f"{commit}:{MIGRATIONS}").split() if name.endswith(".py")}


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own words
    if done.returncode != 0:
        raise NoHistory(f"git {words[0]}: {done.stderr.strip()[:300]}")
    return done.stdout

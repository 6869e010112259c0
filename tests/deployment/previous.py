"""The program that a new one replaces: the revision that landed before, taken from the repository's history.

Which one: `UPGRADE_FROM`, if it is given. Else the main branch, where this revision comes after it and brings other
migrations. Else the newest of this revision's first parents with other migrations than it: where the main branch moves
by merges, that is what landed before.
"""

import os
import re
import shlex
import subprocess
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
    """The program of that commit in a folder, on the libraries of this one.

    Raises:
        NoHistory: it needs other libraries than this one has.
    """
    _refuse_other_libraries(commit)
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
    return Image(image.folder, environment, folder, command=command)


def _refuse_other_libraries(commit: str) -> None:
    theirs = dict(PIN.findall(_git("show", f"{commit}:requirements/base.lock")))
    ours = dict(PIN.findall((ROOT / "requirements/base.lock").read_text("utf-8")))
    others = {name for name, version in theirs.items() if ours.get(name) != version}
    if others:
        raise NoHistory(f"{commit[:9]} needs other versions of {', '.join(sorted(others))}")


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

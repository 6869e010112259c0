"""The blocks of docs/operate.md that have a title, run as they stand, with `docker` a word of this run's engine."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.deployment.engine import Engine
from tests.deployment.files import ROOT

BLOCK = re.compile(r"^```sh title=(?P<name>[\w-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
DOCKER = """#!{python}
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as engine:
    engine.connect({socket!r})
    engine.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    answer = json.loads(engine.makefile().readline())
if "argv" in answer:
    os.chdir(answer["where"])
    os.execve(answer["argv"][0], answer["argv"], answer["environment"])
sys.exit(answer.get("failed"))
"""
Answer = dict[str, Any]


def blocks() -> dict[str, str]:
    """Name -> text."""
    page = (ROOT / "docs/operate.md").read_text("utf-8")
    return {found["name"]: found["text"] for found in BLOCK.finditer(page)}


def run(name: str, engine: Engine, folder: Path, **given: str) -> str:
    """Run the block in that folder; what `docker compose` is asked, the engine does. Returns what it said."""
    place = folder / "engine.sock"
    shim = folder / "docker"
    shim.write_text(DOCKER.format(python=sys.executable, socket=str(place)))
    shim.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", **given}
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(str(place))
        asked.listen()
        asked.settimeout(0.2)
        process = subprocess.Popen(  # noqa: S603 - the page's own words
            ["/bin/sh", "-c", blocks()[name]],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            while process.poll() is None:
                with suppress(TimeoutError):
                    _answer(asked, engine)
        finally:
            process.kill()
            said = process.communicate()[0]
    place.unlink()
    assert process.returncode == 0, f"the block {name} of docs/operate.md works: {said[-3000:]}"
    return said


def _answer(asked: socket.socket, engine: Engine) -> None:
    connection, _ = asked.accept()
    with connection, connection.makefile("rw") as talk:
        talk.write(json.dumps(done(engine, json.loads(talk.readline()))) + "\n")


def done(engine: Engine, words: list[str]) -> Answer:
    """Do what `docker …` asks, or say what the caller is to become."""
    compose, act, *rest = words
    assert compose == "compose", words
    flags = {word for word in rest if word.startswith("-")}
    if act in ("exec", "run"):
        names = [word for word in rest if not word.startswith("-")]
        service, first = names[0], rest.index(names[0]) + 1
        return _become(engine, service, rest[first:] or engine.services[service]["command"])
    return ACTS[act](engine, [word for word in rest if word not in flags])


def _become(engine: Engine, service: str, words: list[str]) -> Answer:
    argv, environment = engine.translated(service, words)
    return {"argv": argv, "environment": environment, "where": str(engine.image_of(service).workdir)}


def _stop(engine: Engine, names: list[str]) -> Answer:
    for name in names:
        engine.stop(name)
    return {}


def _up(engine: Engine, names: list[str]) -> Answer:
    engine.up(*(names or engine.all_services))
    return {}


def _build(engine: Engine, _names: list[str]) -> Answer:
    engine.images.clear()
    return {}


ACTS: dict[str, Callable[[Engine, list[str]], Answer]] = {"stop": _stop, "up": _up, "build": _build}

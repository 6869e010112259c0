"""The Dockerfile's steps as plain commands in a fresh folder: what the image would hold, without a container engine.

What differs from a container, and why: the Python is this machine's, in a fresh virtual environment (the base image's
cannot be had here); `pip` is uv's, with the same lock, the same hashes and the same flags that matter (pip's own takes
half a minute more: `DEPLOYMENT_PIP=1` uses it); `useradd` is a word that does nothing (the machine keeps its users).
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment.files import ROOT

Step = tuple[str, str]
SHIMS = {
    "useradd": "#!/bin/sh\nexit 0\n",
    "pip": '#!/bin/sh\nshift\nexec "{uv}" pip install --python "{python}" --quiet "$@"\n',
}
NETWORK = ("HOME", "UV_", "PIP_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
"""How this machine reaches packages, whoever asks for them."""


@dataclass
class Image:
    """What the steps have made: where, and how the image says it runs."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    workdir: Path = Path("/")
    user: str = ""
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    @property
    def programs(self) -> Path:
        """The folder of its Python and of what was installed."""
        return self.folder / "python" / "bin"

    def surroundings(self) -> dict[str, str]:
        """The environment of whatever runs in it."""
        words = {"PATH": f"{self.programs}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        kept = {name: value for name, value in os.environ.items() if name.upper().startswith(NETWORK)}
        return {"UV_SYSTEM_CERTS": "1", **kept, **words, **self.environment}


def steps(dockerfile: str) -> list[Step]:
    """(instruction, the rest), continued lines joined, comments left out."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    parted = [line.partition(" ") for line in joined.splitlines() if line.strip()]
    return [(instruction.upper(), rest.strip()) for instruction, _, rest in parted]


def build(folder: Path) -> Image:
    """Run every step of the Dockerfile in `folder`, which is empty.

    Raises:
        AssertionError: a step failed, as the build would; what it said.
    """
    image = Image(folder)
    venv.create(folder / "python", with_pip="DEPLOYMENT_PIP" in os.environ)
    _put_shims(image)
    for instruction, rest in steps((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        _STEPS[instruction](image, rest)
    return image


def _put_shims(image: Image) -> None:
    uv = Path(sys.executable).with_name("uv")
    for name, text in SHIMS.items():
        shim = image.programs / name
        if not shim.exists():
            shim.write_text(text.format(uv=uv, python=image.programs / "python"))
            shim.chmod(0o755)


def _workdir(image: Image, rest: str) -> None:
    image.workdir = image.folder / rest.lstrip("/")
    image.workdir.mkdir(parents=True, exist_ok=True)


def _env(image: Image, rest: str) -> None:
    image.environment.update(word.partition("=")[::2] for word in rest.split())


def _copy(image: Image, rest: str) -> None:
    *sources, target = rest.split()
    for source in sources:
        found, place = ROOT / source, image.workdir / target
        if found.is_dir():
            shutil.copytree(found, place, ignore=_ignored, dirs_exist_ok=True)
        else:
            place = place / found.name if target.endswith("/") else place
            place.parent.mkdir(parents=True, exist_ok=True)
            assert reaches_the_builder(source), f".dockerignore keeps {source} from the builder"
            shutil.copy(found, place)


def reaches_the_builder(path: str) -> bool:
    """Whether .dockerignore lets a path of the project through: of its patterns the last that matches decides."""
    let_through = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        name = pattern.removeprefix("!").removeprefix("**/")
        parts = [*(str(parent) for parent in Path(path).parents), path, *(Path(path).parts if "**" in pattern else ())]
        if any(fnmatch.fnmatch(part, name) for part in parts):
            let_through = pattern.startswith("!")
    return let_through


def _ignored(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not reaches_the_builder(str((Path(folder) / name).relative_to(ROOT)))}


def _run(image: Image, rest: str) -> None:
    shell = ["/bin/sh", "-ec", rest]
    done = subprocess.run(  # noqa: S603 - our own Dockerfile's words
        shell, cwd=image.workdir, env=image.surroundings(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"RUN {rest}: {done.stderr[-2000:]}"
    image.ran.append(rest)


def _user(image: Image, rest: str) -> None:
    image.user = rest


def _command(image: Image, rest: str) -> None:
    image.command = json.loads(rest)


def _health(image: Image, rest: str) -> None:
    image.health = json.loads(rest.partition("CMD")[2])


def _nothing(_image: Image, _rest: str) -> None:
    """Of a container alone."""


_STEPS = {
    "FROM": _nothing,
    "WORKDIR": _workdir,
    "ENV": _env,
    "COPY": _copy,
    "RUN": _run,
    "USER": _user,
    "EXPOSE": _nothing,
    "STOPSIGNAL": _nothing,
    "HEALTHCHECK": _health,
    "CMD": _command,
}

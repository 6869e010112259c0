"""The demonstration as a whole: what is started in which order, kept alive, and ended."""

import shutil
import time
from collections.abc import MutableMapping
from contextlib import ExitStack
from typing import Any

from config.settings import Timings, settings
from demo import layout as layouts
from demo import manifest, owners, private_files, programs, samples
from demo.command_line import CommandLine
from demo.crew import Crew
from demo.failures import DemoError
from demo.layout import Layout
from demo.loading import load
from demo.manifest import Facts
from demo.servers import Servers
from demo.telling import say, where_to_click

LOOK_SECONDS = 0.25


class Demonstration:
    """All of it, in one folder and on one range of ports; to be used in the main thread.

    `environment` is that of this process: the programs inherit it, so their settings are written into it.
    """

    def __init__(self, layout: Layout, environment: MutableMapping[str, str]) -> None:
        self._layout = layout
        self._environment = environment
        self._samples = samples.read()
        self._servers = Servers(layout)
        self._crew = Crew(environment)
        self._commands = CommandLine(environment)
        self._manifest = layout.folder / "manifest.json"
        self._kept = layout.folder / "kept.json"
        self._written: dict[str, Any] = {}

    def start(self) -> None:
        """Start everything, and write the manifest once all answer.

        Raises:
            DemoError, EmbeddedServerError, SettingsError, OSError: it cannot; `stop` ends what has started.
        """
        self._manifest.unlink(missing_ok=True)
        layouts.check_ports(self._layout, len(self._samples.syndics))
        kept = self._what_is_kept()
        began = time.monotonic()
        say("Starting (half a minute) …" if kept is None else "Starting, with the data that were kept …")
        self._start_service()
        self._facts = self._load() if kept is None else self._resume(kept)
        self._write_manifest()
        say(f"Ready after {time.monotonic() - began:.0f} s.")
        say(where_to_click(self._layout, self._facts))

    def stay(self) -> None:
        """Keep everything alive, and the manifest true, until a signal interrupts."""
        while True:
            for line in self._servers.tend():
                say(line)
            self._crew.tend(say)
            self._write_manifest()
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End everything that was started, whatever goes wrong meanwhile."""
        with ExitStack() as ending:  # the last one is called first
            ending.callback(self._servers.stop)
            ending.callback(self._crew.stop)
            ending.callback(self._commands.stop)
            ending.callback(self._manifest.unlink, missing_ok=True)

    def _what_is_kept(self) -> Facts | None:
        """What KEEP=1 goes on with; otherwise nothing of an earlier start is left."""
        keep = self._environment.get("KEEP", "") not in {"", "0"}
        kept = manifest.kept(self._kept, self._layout) if keep else None
        if kept is None:
            self._kept.unlink(missing_ok=True)
            self._servers.wipe()
        shutil.rmtree(self._layout.logs, ignore_errors=True)
        self._layout.logs.mkdir(mode=0o700)
        return kept

    def _start_service(self) -> None:
        self._environment.update(layouts.programs_environment(self._layout))
        self._timings = _timings()
        self._crew.start(programs.inbox(self._layout))
        self._servers.start()
        self._environment.update(self._servers.addresses())
        self._commands.run("db", "upgrade")
        for program in (programs.web, programs.worker, programs.beat):
            self._crew.start(program(self._layout))

    def _load(self) -> Facts:
        entries: dict[str, Any] = {}
        for loaded in load(self._layout, self._samples, self._commands, self._crew.look):
            entry = manifest.syndic_entry(self._layout, self._samples, loaded)
            entries[loaded.syndic.slug] = entry
            self._crew.start(programs.extranet(self._layout, loaded.number, entry, loaded.syndic))
        facts: Facts = {
            "port": self._layout.port,
            "syndics": [entries[syndic.slug] for syndic in self._samples.syndics],
            "trust": self._samples.directions(),
            "identities": [],
        }
        self._await_answers()
        for owner in owners.chosen(self._samples):
            owners.make(self._layout, owner, facts)
        owners.empty_inbox(self._layout)
        private_files.write(self._kept, facts)
        return facts

    def _resume(self, facts: Facts) -> Facts:
        for number, (entry, syndic) in enumerate(zip(facts["syndics"], self._samples.syndics, strict=True), start=1):
            self._crew.start(programs.extranet(self._layout, number, entry, syndic))
        self._await_answers()
        return facts

    def _await_answers(self) -> None:
        self._crew.await_answer("inbox", f"{self._layout.inbox}/")
        self._crew.await_answer("web", f"{self._layout.broker}/readyz")
        for number, syndic in enumerate(self._samples.syndics, start=1):
            self._crew.await_answer(f"extranet-{syndic.slug}", f"{self._layout.extranet(number)}/")

    def _write_manifest(self) -> None:
        """Write it, if a process has changed since."""
        processes = {
            "web": self._crew.children("web"),
            "worker": [self._crew.pid("worker")],
            "beat": [self._crew.pid("beat")],
            **self._servers.pids(),
        }
        if processes != self._written:
            private_files.write(self._manifest, manifest.compose(self._layout, self._facts, self._timings, processes))
            self._written = processes


def _timings() -> Timings:
    try:
        return settings().timings
    except ValueError as error:  # a number that is none
        raise DemoError(f"A setting cannot be used: {error}") from error

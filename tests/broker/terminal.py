"""Somebody at a terminal: the operators' commands as programs of their own."""

import subprocess
import sys

ADD = ("syndic", "add", "--name", "Agence du Port", "--legal-name", "Agence du Port SAS", "--siren", "732829320")


class Operator:
    """Somebody at a terminal."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a command; returns what it printed: standard error where it was to fail."""
        program = [sys.executable, "-c", "from broker.cli import main; main()", *arguments]
        done = subprocess.run(program, env=self.environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        assert (done.returncode != 0) is fails, f"{arguments} exited {done.returncode}: {done.stderr[-800:]}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr if fails else done.stdout

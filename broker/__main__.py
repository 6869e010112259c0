"""`python -m broker`: the web server, with the flags that it needs, once the settings are known to be whole."""

import os
import sys

from config.settings import SettingsError, settings

FLAGS = (
    *("--interface", "wsgi", "--factory", "--http", "1", "--no-ws", "--blocking-threads", "4"),
    # A process that was killed comes back at once; one that is told to stop answers what has begun, then ends.
    *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "20"),
)


def main(arguments: list[str]) -> None:
    """Become the web server. Further arguments are its own: `--host`, `--port`, `--workers`."""
    try:
        settings()
    except SettingsError as error:
        sys.exit(f"Error: {error}")
    words = [sys.executable, "-m", "granian", *FLAGS, *arguments, "broker.wsgi:application"]
    os.execv(sys.executable, words)  # noqa: S606 - our own words, no shell


if __name__ == "__main__":
    main(sys.argv[1:])

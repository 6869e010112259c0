"""Where the measurements keep things: data below `var/bench` (removed at the end), results beside the code."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RUN = ROOT / "var" / "bench"
PEER = Path(__file__).parent / "peer"
DRIVER = Path(__file__).with_name("driver.lua")
RESULTS = Path(__file__).with_name("results.jsonl")
PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"

"""The load driver against a real server: it counts right answers, and takes no other."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from bench import needs
from bench.driver import CONNECTIONS, Load, drive
from bench.failures import BenchError
from bench.ours import ENDPOINTS
from bench.rounds import Rounds, offered
from bench.running import HOST
from bench.target import Target
from bench.visitors import write
from demo.serving import _QuietHandler
from tests.bench.conftest import Populated

"""The instruments show what is there."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from bench import needs, processes
from bench.asking import Direct, Request
from bench.driver import Reading
from bench.failures import BenchError
from bench.figures import figure, ratios, summed_up
from bench.sampling import Sampler
from bench.visitors import Visitor, basic, read, write
from tests.bench.conftest import Populated

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
CHILD = """
import sys, time
while time.process_time() < 0.3: pass
print("done", flush=True)
sys.stdin.read()
"""


def test_cpu_of_a_server_counts_its_childrens() -> None:
    words = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 - our own words
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stdout.readline() == "done\n"
        assert len(processes.tree(parent.pid)) == 2
        assert processes.cpu_ms(parent.pid) >= 300 - processes.TICK_MS
        assert processes.resident_mib(parent.pid) >= processes.proportional_mib(parent.pid) > 1
        parent.stdin.close()


def test_a_process_that_has_gone_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert processes.cpu_ms(gone.pid) == 0


def test_the_sampler_names_the_owner_of_the_time_and_puts_signals_back() -> None:
    native = rsa.generate_private_key(65537, 2048)
    key = RSAKey(native, native)
    sampler, before = Sampler(), signal.getsignal(signal.SIGPROF)
    deadline = time.process_time() + 60
    with sampler.looking():
        while ("signing" not in sampler.found or sampler.found["signing"].owners.total() < 20) and (
            time.process_time() < deadline
        ):
            with sampler.watch("signing"):
                jwt.encode({"alg": "RS256"}, {"sub": "x"}, key)
    (owner, count), *_ = sampler.found["signing"].owners.most_common()
    assert owner == "JOSE: signing, verifying"
    assert count > 10
    assert signal.getsignal(signal.SIGPROF) is before


def test_an_application_that_is_asked_directly_is_given_what_a_server_gives(populated: Populated) -> None:
    direct = Direct(populated.application, {"Host": "localhost"})
    answer = direct.ask(Request("jwks", "/t/agence-00001/jwks?unused=1"))
    assert answer.json()["keys"]
    assert direct.calls == {"jwks": 1}
    assert direct.mean_ms()["jwks"] > 0


def test_a_wrong_answer_is_no_result(populated: Populated) -> None:
    stranger = Visitor("/t/agence-00000", "agence-00000-extranet", basic("x", "y"), "https://rp.example.org/cb", "a=b")
    with pytest.raises(BenchError, match=r"no code|redirect"):
        populated.flow.authorize(stranger)
    with pytest.raises(BenchError, match="401"):
        populated.flow.token(stranger, "no-such-code")


def test_above_one_means_that_ours_is_the_cheaper() -> None:
    found = ratios([(_reading(2.0), _reading(1.0)), (_reading(3.0), _reading(1.0)), (_reading(9.0), _reading(1.0))])
    assert found["server_cpu"] == {"median": 3.0, "low": 2.0, "high": 9.0}
    assert "database_cpu" not in found, "nothing has no ratio"
    assert summed_up([_reading(1.0), _reading(2.0)])["server_cpu_ms"]["median"] == 1.5
    assert str(figure([1.0, 2.0, 4.0])) == "2 [1..4]"


def test_visitors_survive_their_file(tmp_path: Path) -> None:
    visitors = [
        Visitor("/t/a", "a-extranet", basic("a-extranet", "s:é"), "https://rp.example.org/cb", "c=1"),
        Visitor("", "b", basic("b", "t"), "https://rp.example.org/cb", "c=2; d=3", "access", "refresh"),
    ]
    write(tmp_path / "visitors", visitors)
    assert read(tmp_path / "visitors") == visitors
    assert (tmp_path / "visitors").stat().st_mode & 0o077 == 0, "sessions are secrets"


def test_what_is_missing_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BenchError, match=r"wrk is missing \(Debian: apt install wrk\)\nnode is missing"):
        needs.check("wrk", "node")


def _reading(cost: float) -> Reading:
    return Reading(10, 5.0, 1.0, 2.0, cost, 0.0, 0.5, 100.0)

"""Promises of the guard of outgoing calls."""

import ipaddress
from collections.abc import Callable, Iterator

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.outgoing import guard
from config.settings import settings

FORBIDDEN = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    "::/128", "::1/128",
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "8.8.8.8", "51.15.0.1", "2606:4700::1111", "2a00:1450:4007::5")


def inside(network: str) -> st.SearchStrategy[str]:
    held = ipaddress.ip_network(network)
    return st.integers(0, held.num_addresses - 1).map(lambda offset: str(held[offset]))


forbidden = st.sampled_from(FORBIDDEN).flatmap(inside)


def answering(*answers: str) -> guard.Resolver:
    return lambda _host, _port: list(answers)


@pytest.fixture
def allow() -> Iterator[Callable[[str], None]]:
    """Name what outgoing calls may reach besides the public Internet; nothing at first."""
    with pytest.MonkeyPatch.context() as patch:

        def name(entries: str) -> None:
            patch.setenv("TROUSSEAU_OUTGOING_ALLOWED", entries)
            settings.cache_clear()

        name("")
        yield name
    settings.cache_clear()


pytestmark = pytest.mark.usefixtures("allow")
shared = hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])


@shared
@given(address=forbidden)
def test_no_name_leads_to_an_address_inside(address: str) -> None:
    with pytest.raises(guard.ForbiddenAddress):
        guard.addresses("syndic.example", 443, answering(address))


@shared
@given(inner=st.sampled_from(FORBIDDEN[:12]).flatmap(inside))
def test_an_inner_address_is_seen_through_every_disguise(inner: str) -> None:
    bits = int(ipaddress.IPv4Address(inner))
    disguises = {
        "mapped": 0xFFFF << 32 | bits,
        "compatible": bits,
        "NAT64": int(ipaddress.IPv6Address("64:ff9b::")) | bits,
        "6to4": 0x2002 << 112 | bits << 80,
    }
    for name, disguised in disguises.items():
        assert not guard.is_public(ipaddress.IPv6Address(disguised)), f"{inner} must not hide as a {name} address"


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert guard.addresses("syndic.example", 443, answering(address)) == [address]


@shared
@given(inner=st.lists(forbidden, min_size=1, max_size=5), place=st.integers(0, 5), outer=st.sampled_from(PUBLIC))
def test_of_a_mixed_answer_only_the_public_part_is_called(inner: list[str], place: int, outer: str) -> None:
    answers = [*inner[:place], outer, *inner[place:]]
    assert guard.addresses("syndic.example", 443, answering(*answers)) == [outer]


def test_a_scoped_address_is_of_this_network_only() -> None:
    with pytest.raises(guard.ForbiddenAddress):
        guard.addresses("syndic.example", 443, answering("2606:4700::1111%eth0"))


def test_no_more_addresses_are_tried_than_a_caller_can_wait_for() -> None:
    assert len(guard.addresses("syndic.example", 443, answering(*[f"8.8.8.{n}" for n in range(50)]))) == 3


@pytest.mark.parametrize(
    "entry", ["intranet.syndic", "Intranet.Syndic", "10.1.2.3", "10.1.0.0/16", "fd00::/8,10.1.2.3"]
)
def test_a_setting_names_what_else_may_be_called(allow: Callable[[str], None], entry: str) -> None:
    allow(entry)
    assert guard.addresses("intranet.syndic.", 443, answering("10.1.2.3")) == ["10.1.2.3"]


@pytest.mark.parametrize(
    "entry", ["syndic", "other.intranet.syndic", "10.1.2.4", "10.2.0.0/16", "*", "intranet.syndic.fr"]
)
def test_a_setting_allows_what_it_names_and_nothing_else(allow: Callable[[str], None], entry: str) -> None:
    allow(entry)
    with pytest.raises(guard.ForbiddenAddress):
        guard.addresses("intranet.syndic", 443, answering("10.1.2.3"))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "::1", "localhost"])
def test_this_machine_under_any_spelling_is_refused_by_the_real_resolver(host: str) -> None:
    with pytest.raises((guard.ForbiddenAddress, OSError)):
        guard.addresses(host, 80)

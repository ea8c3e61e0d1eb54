"""Who asks, behind proxies; what counts as one place; and where nothing of ours is ever sent."""

from ipaddress import ip_address

import pytest

from bot.domain.addresses import is_outside, origin, place, read_network
from bot.settings import Settings, networks

PROXIES = [read_network("10.0.0.0/8"), read_network("127.0.0.1"), read_network("2001:db8:1::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "source"),
    [
        ("203.0.113.9", [], "203.0.113.9"),  # she comes herself
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # and claims to be another
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),  # our proxy says who it was
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # what she wrote herself stands before it
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),  # in a line of its own too
        ("127.0.0.1", ["198.51.100.1, 10.1.2.3"], "198.51.100.1"),  # two proxies of ours
        ("127.0.0.1", ["127.0.0.1, 198.51.100.1"], "198.51.100.1"),  # she claims to be our proxy
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),  # nobody but proxies
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),  # what is no address counts for nothing
        ("127.0.0.1", ["[2001:db8::5]"], "2001:db8::5"),  # in brackets
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),  # IPv4 written as IPv6
        ("", ["198.51.100.1"], ""),  # a socket without an address
    ],
)
def test_only_our_proxies_say_who_asks(peer: str, forwarded: list[str], source: str) -> None:
    assert origin(peer, forwarded, PROXIES) == source


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),  # two addresses
        ("2001:db8::1", "2001:db8::ffff:1", True),  # one customer has as many as she likes
        ("2001:db8::1", "2001:db8:0:1::1", False),  # two customers
        ("::ffff:203.0.113.9", "203.0.113.9", True),  # the same, written otherwise
    ],
)
def test_one_customer_is_one_place(one: str, other: str, same: bool) -> None:
    assert (place(one) == place(other)) is same


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False), ("127.8.8.8", False), ("::1", False), ("0.0.0.0", False), ("::", False),  # this machine
        ("10.0.0.5", False), ("172.16.0.1", False), ("192.168.1.1", False), ("fd00::1", False),  # the office's network
        ("169.254.169.254", False), ("fe80::1", False),  # where clouds keep their secrets
        ("100.100.100.200", False),  # and Alibaba its own
        ("224.0.0.1", False), ("255.255.255.255", False), ("ff02::1", False),  # everybody
        ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.5", False),  # IPv4 inside IPv6
        ("64:ff9b::a9fe:a9fe", False), ("2002:7f00:1::", False),  # and behind a translator
    ],
)  # fmt: skip
def test_nothing_is_sent_to_the_inside(address: str, outside: bool) -> None:
    assert is_outside(ip_address(address)) is outside


def test_a_network_of_the_office_is_reached_when_it_is_named_but_never_the_machine_itself() -> None:
    inside = [read_network("10.20.0.0/16"), read_network("0.0.0.0/0"), read_network("::/0")]
    assert is_outside(ip_address("10.20.3.4"), inside[:1])
    assert not is_outside(ip_address("10.21.3.4"), inside[:1])
    for never in ("127.0.0.1", "::1", "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::7f00:1"):
        assert not is_outside(ip_address(never), inside)


def test_a_setting_that_is_no_network_stops_the_start() -> None:
    known = {"data_key": "a" * 43 + "=", "engine_secret": "s", "_env_file": None}
    made = Settings(**known, trusted_proxies="127.0.0.1, 10.0.0.0/8")  # type: ignore[arg-type]
    assert networks(made.trusted_proxies) == (read_network("127.0.0.1"), read_network("10.0.0.0/8"))
    for setting in ("trusted_proxies", "webhook_networks"):
        with pytest.raises(ValueError, match="proxy"):
            Settings(**known, **{setting: "proxy.example"})  # type: ignore[arg-type]

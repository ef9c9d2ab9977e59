"""Accepted forms of users' URLs, and which addresses are public."""

from __future__ import annotations

import ipaddress

import pytest

from gala.errors import UrlRefused
from gala.net.urls import AllowedHosts, is_public, web_url

NO_HOSTS = AllowedHosts()


def refusal(text: str, allowed: AllowedHosts = NO_HOSTS) -> UrlRefused:
    with pytest.raises(UrlRefused) as caught:
        web_url(text, allowed, field="inputs.video_url")
    assert caught.value.message.startswith("inputs.video_url: ")
    assert caught.value.details["field"] == "inputs.video_url"
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http:example.com",
        "http:///etc/passwd",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com@10.0.0.1/",
        "https://example.com\\@10.0.0.1/",
        "https://exa mple.com/",
        "https://example.com/a\tb",
        "https://example.com/\r\nHost: inside",
        "https://bücher.example/",
        "https://example.com/ü",
        "https://example%2ecom/",
        "https://example..com/",
        "https://.example.com/",
        "https://example.com../",
        "https://./",
        "https://-example.com/",
        f"https://{'a' * 64}.com/",
        f"https://{'a.' * 130}com/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1.5/",
        "http://256.0.0.1/",
        "http://[::1",
        "http://[::1]evil.example/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[v1.x]/",
        "http://[example.com]/",
        "http://example.com:80:443/",
        f"https://example.com/{'a' * 2048}",
    ],
)
def test_what_could_be_read_in_two_ways_is_no_url(text: str) -> None:
    assert refusal(text).details["rule"] == "url"


@pytest.mark.parametrize(
    "text",
    ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "data:,a", "ws://a/"],
)
def test_only_the_web_is_fetched(text: str) -> None:
    assert refusal(text).details["rule"] == "scheme"


@pytest.mark.parametrize(
    "authority", ["a.example:8080", "a.example:22", "a.example:0", "a.example:65536", "10.0.0.1:81"]
)
def test_other_ports_than_the_webs_are_refused(authority: str) -> None:
    assert refusal(f"http://{authority}/").details["rule"] == "port"


@pytest.mark.parametrize(
    ("text", "host", "port", "target"),
    [
        ("https://Example.COM/a/b.mp4?x=1#part", "example.com", 443, "/a/b.mp4?x=1"),
        ("HTTP://example.com", "example.com", 80, "/"),
        ("http://example.com.:80/", "example.com", 80, "/"),
        ("http://example.com:/?q", "example.com", 80, "/?q"),
        ("http://localhost./a", "localhost", 80, "/a"),
        ("http://8.8.8.8/", "8.8.8.8", 80, "/"),
        ("https://[2606:4700:0:0::1111]/", "2606:4700::1111", 443, "/"),
        ("https://a_b.example/%20", "a_b.example", 443, "/%20"),
    ],
)
def test_a_url_is_taken_apart_in_one_way_only(text: str, host: str, port: int, target: str) -> None:
    url = web_url(text, NO_HOSTS)
    assert (url.host, url.port, url.target) == (host, port, target)


def test_what_is_shown_of_a_url_has_no_query() -> None:
    shown = web_url("https://example.com/a.mp4?token=secret#secret", NO_HOSTS).shown
    assert shown == "https://example.com/a.mp4"


@pytest.mark.parametrize(
    "entries",
    [["nas.local"], ["nas.local:8000"], ["NAS.local.:8000"], ["other", "nas.local"]],
)
def test_a_host_that_is_named_may_be_on_any_port_it_is_named_with(entries: list[str]) -> None:
    assert web_url("http://nas.local:8000/", AllowedHosts.parse(entries)).port == 8000


def test_an_address_in_a_named_network_may_be_on_any_port() -> None:
    allowed = AllowedHosts.parse(["192.168.1.0/24"])
    assert web_url("http://192.168.1.5:8000/", allowed).host == "192.168.1.5"
    assert web_url("http://[::ffff:192.168.1.5]:8000/", allowed).port == 8000
    assert refusal("http://192.168.2.5:8000/", allowed).details["rule"] == "port"


@pytest.mark.parametrize("entry", ["a b", "user@host", "host?x", "10.0.0.0/40", "h:x", "[::1"])
def test_a_slip_in_the_allowed_hosts_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        AllowedHosts.parse([entry])


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:0:808:808::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))

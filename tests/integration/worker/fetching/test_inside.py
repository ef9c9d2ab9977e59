"""Internal addresses are never connected to: by address, name, redirect or a second DNS answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gala.errors import FetchInterrupted, UrlRefused
from gala.net.urls import AllowedHosts
from tests.integration.worker.fetching.conftest import (
    INSIDE,
    OUTSIDE,
    Canary,
    MakeFetcher,
    Resolver,
    Site,
)

NO_HOSTS = AllowedHosts()

INNER_ADDRESSES = [
    "127.0.0.2",
    "127.0.0.2.",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "127.2",
    "2130706434",
    "0x7f000002",
    "0x7f.0.0.2",
    "0177.0.0.2",
    "017700000002",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[::127.0.0.2]",
    "[64:ff9b::7f00:2]",
    "[64:ff9b:1::7f00:2]",
    "[2002:7f00:2::]",
    "[2001:0:7f00:2::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
]
INNER_NAMES = ["localhost", "localhost.", "LOCALHOST", "a.localhost", "redis", "db.internal",
               "printer.local", "router.home.arpa"]  # fmt: skip


def test_the_canary_sings(canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path) -> None:
    lax = make_fetcher(allowed=AllowedHosts.parse([INSIDE]), seconds=5)
    with pytest.raises(FetchInterrupted):
        lax.fetch(f"http://{INSIDE}/", tmp_path / "a")
    assert canary.connections > 0


@pytest.mark.parametrize("host", [*INNER_ADDRESSES, *INNER_NAMES])
def test_hosts_inside_are_refused_unasked_and_unresolved(
    host: str, canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    resolver = Resolver([INSIDE])
    with pytest.raises(UrlRefused, match=r"^inputs\.video_url: ") as caught:
        make_fetcher(allowed=NO_HOSTS, resolve=resolver).fetch(
            f"http://{host}/secret", tmp_path / "a", field="inputs.video_url"
        )
    assert caught.value.details["rule"] in {"address", "url"}
    assert resolver.hosts == []
    assert canary.connections == 0
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "answers",
    [
        [INSIDE],
        ["::1"],
        ["::ffff:127.0.0.2"],
        ["64:ff9b::7f00:2"],
        ["169.254.169.254"],
        ["fe80::1%eth0"],
        [OUTSIDE, INSIDE],
        [INSIDE, OUTSIDE],
        ["93.184.215.14", OUTSIDE, "10.0.0.1"],
    ],
)
def test_a_name_with_any_inner_address_is_refused(
    answers: list[str], site: Site, canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    resolver = Resolver(answers)
    with pytest.raises(UrlRefused) as caught:
        make_fetcher(resolve=resolver).fetch("http://video.example/a.mp4", tmp_path / "a")
    assert caught.value.details["rule"] == "address"
    assert len(resolver.hosts) == 1
    assert (canary.connections, site.requests) == (0, [])


def test_a_refusal_says_the_same_whether_the_host_is_there_or_not(
    canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    messages = set()
    for host in (INSIDE, "10.255.255.1", "redis", "no-such-host.internal"):
        with pytest.raises(UrlRefused) as caught:
            make_fetcher(allowed=NO_HOSTS).fetch(f"http://{host}/", tmp_path / "a")
        messages.add((caught.value.message, tuple(caught.value.details.items())))
    assert len(messages) == 1
    assert canary.connections == 0


def test_a_name_that_changes_its_mind_is_resolved_once_and_connected_where_it_was_checked(
    site: Site, canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    site.file("/a.mp4", b"fine")
    resolver = Resolver([OUTSIDE], [INSIDE])
    fetched = make_fetcher(resolve=resolver).fetch("http://rebind.example/a.mp4", tmp_path / "a")
    assert fetched.path.read_bytes() == b"fine"
    assert resolver.hosts == ["rebind.example"]
    assert site.requests[0][1]["host"] == "rebind.example"
    assert canary.connections == 0


def test_each_hop_is_resolved_once_and_checked_anew(
    site: Site, canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    site.leads("/1", "http://two.example/2")
    site.leads("/2", "http://two.example/3")
    resolver = Resolver([OUTSIDE], [OUTSIDE], [INSIDE])
    with pytest.raises(UrlRefused) as caught:
        make_fetcher(resolve=resolver).fetch("http://one.example/1", tmp_path / "a")
    assert caught.value.details["rule"] == "address"
    assert resolver.hosts == ["one.example", "two.example", "two.example"]
    assert [path for path, _ in site.requests] == ["/1", "/2"]
    assert canary.connections == 0


@pytest.mark.parametrize(
    ("location", "rule"),
    [
        (f"http://{INSIDE}/", "address"),
        (f"//{INSIDE}/", "address"),
        ("http://[::1]/", "address"),
        ("http://[::ffff:127.0.0.2]/", "address"),
        ("http://2130706434/", "url"),
        (f"http://user@{INSIDE}/", "url"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://127.0.0.2/", "scheme"),
        ("gopher://127.0.0.2:6379/_FLUSHALL", "scheme"),
        ("http://[", "url"),
        ("http://inner.example:6379/", "port"),
    ],
)
@pytest.mark.parametrize("status", [301, 307])
def test_redirects_inward_are_refused(
    location: str,
    rule: str,
    status: int,
    site: Site,
    canary: Canary,
    make_fetcher: MakeFetcher,
    tmp_path: Path,
) -> None:
    url = site.leads("/a.mp4", location, status)
    with pytest.raises(UrlRefused) as caught:
        make_fetcher().fetch(url, tmp_path / "a")
    assert caught.value.details["rule"] == rule
    assert canary.connections == 0


def test_five_redirects_are_followed_and_a_sixth_is_not(
    site: Site, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    site.file("/0", b"there")
    for left in range(1, 7):
        site.leads(f"/{left}", f"/{left - 1}")
    assert make_fetcher().fetch(f"{site.url}/5", tmp_path / "a").size == 5
    site.requests.clear()
    with pytest.raises(UrlRefused) as caught:
        make_fetcher().fetch(f"{site.url}/6", tmp_path / "b")
    assert caught.value.details["rule"] == "redirects"
    assert len(site.requests) == 6


def test_a_name_is_asked_for_as_a_whole_one_so_that_no_search_domain_completes_it(
    make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    resolver = Resolver(["10.0.0.1"])
    with pytest.raises(UrlRefused):
        make_fetcher(allowed=NO_HOSTS, resolve=resolver).fetch(
            "https://postgres.default/", tmp_path / "a"
        )
    assert resolver.hosts == ["postgres.default."]


def test_a_host_that_the_operator_named_is_fetched_from_as_it_stands_in_the_url_only(
    site: Site, canary: Canary, make_fetcher: MakeFetcher, tmp_path: Path
) -> None:
    site.file("/a", b"home video")
    resolver = Resolver([OUTSIDE])
    allowed = AllowedHosts.parse([f"nas.local:{site.port}"])
    fetcher = make_fetcher(allowed=allowed, resolve=resolver)
    assert fetcher.fetch(f"http://nas.local:{site.port}/a", tmp_path / "a").size == 10
    with pytest.raises(UrlRefused):
        fetcher.fetch(f"http://{OUTSIDE}/a", tmp_path / "b")
    with pytest.raises(UrlRefused):
        fetcher.fetch(f"http://other.local:{site.port}/a", tmp_path / "b")
    assert canary.connections == 0


def test_proxies_of_the_environment_are_not_asked(
    site: Site,
    canary: Canary,
    make_fetcher: MakeFetcher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{INSIDE}:{canary.port}")
    assert make_fetcher().fetch(site.file("/a", b"direct"), tmp_path / "a").size == 6
    assert canary.connections == 0
    _, headers = site.requests[0]
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization", "referer"} & set(headers)

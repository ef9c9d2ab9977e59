"""``smoke-test.ps1`` parses as Windows PowerShell 5.1. PowerShell is not needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from tests.unit.infra.infrafiles import ROOT

SCRIPT = (ROOT / "smoke-test.ps1").read_bytes()


def nodes(source: bytes) -> Iterator[Node]:
    parser = Parser(Language(tree_sitter_powershell.language()))
    waiting = [parser.parse(source).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def faults(source: bytes) -> list[str]:
    """Return where the source is not PowerShell 5.1; the grammar accepts some of 7's syntax."""
    return [
        f"line {node.start_point.row + 1}: {node.type}"
        for node in nodes(source)
        if node.is_error or node.is_missing or node.type in {"&&", "||"}
    ]


def test_the_script_parses() -> None:
    assert faults(SCRIPT) == []


@pytest.mark.parametrize(
    "source",
    [b"$a = $b ? 1 : 2", b"$a = $b ?? 1", b"Get-Item a && Get-Item b", b"$a?.b", b"if ($a { }"],
)
def test_the_parser_refuses_what_5_1_refuses(source: bytes) -> None:
    assert faults(source)


def test_every_command_is_in_both_powershells_or_in_the_script() -> None:
    both = {
        "ConvertTo-Json", "Get-Date", "Get-Item", "Invoke-RestMethod", "Invoke-WebRequest",
        "Join-Path", "New-Item", "Out-Null", "Set-StrictMode", "Start-Sleep", "Test-Path",
        "Write-Host",
    }  # fmt: skip
    called = {_text(node) for node in nodes(SCRIPT) if node.type == "command_name"}
    defined = {_text(node) for node in nodes(SCRIPT) if node.type == "function_name"}
    assert called - defined <= both
    assert defined <= called


def test_the_script_is_plain_ascii_because_5_1_reads_it_in_the_local_code_page() -> None:
    assert SCRIPT.isascii()


@pytest.mark.parametrize(
    "promise",
    [
        b'[string]$BaseUrl = "http://localhost:8080"',
        b"if ($env:GALA_URL) { $BaseUrl = $env:GALA_URL }",
        b'[string]$OutDir = "."',
        b"[int]$TimeoutSeconds = 60",
        b'@{ name = "hello-e2e"; params = @{ text = "GALA E2E" } }',
        b'"hello.mp4" 10000',
        b'"hello.jpg" 1000',
        b'Write-Host "Smoke test OK"',
    ],
)
def test_the_script_keeps_to_the_contract(promise: bytes) -> None:
    assert promise in SCRIPT


def _text(node: Node) -> str:
    return (node.text or b"").decode()

"""The likeliest encoding of a text that is not Unicode, by the letters of languages."""

# ruff: noqa: RUF001 - letters of many scripts

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_HIGH: Final = re.compile(rb"[\x80-\xff]")
_HIGH_WORD: Final = re.compile(rb"(?<![A-Za-z\xa1-\xff])[\xa1-\xff]{3,}(?![A-Za-z\xa1-\xff])")
_ASCII_LETTER: Final = re.compile(rb"[A-Za-z]")
_ASCII_SHARE: Final = 0.7
_KANA: Final = re.compile("[\u3041-\u30ff]")
_SAMPLE_BYTES: Final = 64 * 1024
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_EVERYWHERE: Final = frozenset("\u00a0\u00ad…‘’“”„‚–—•«»‹›©®°™€§¶·´¨")
"""Characters that no language has for itself."""

_EAST_ASIAN: Final = (
    ("euc_kr", rb"[\xb0-\xc8][\xa1-\xfe]"),
    ("gb2312", rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]"),
    ("big5", rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]"),
)
"""Encodings, each with the bytes of its common characters."""
_SUPERSETS: Final = {"euc_kr": "cp949", "gb2312": "gb18030", "big5": "cp950"}
_COMMON_SHARE: Final = 0.85
_UNUSED_WEIGHT: Final = 3
_KANA_SHARE: Final = 0.3

_OTHER_SCRIPTS: Final = (
    ("cp1251", "оеаинтсрвл"),
    ("cp1253", "αοιετσνηυρςάίό"),
    ("cp1255", "יוהלארתבשמםנ"),
    ("cp1256", "اليمونرتبعكفهة"),
    ("cp874", "านรอกเง่มยลวดทส้ัต"),
    ("koi8_r", "оеаинтсрвл"),
)
"""The most frequent letters of a language of each encoding."""
_LATIN: Final = (
    ("cp1252", "áéíóúüñ¿¡ºª"),
    ("cp1252", "éèàçêâîôûùëïœæÉÀÇÊ"),
    ("cp1252", "äöüßÄÖÜ"),
    ("cp1252", "ãõáéíóúâêôçàÉÁÓ"),
    ("cp1252", "àèéìòùÈ"),
    ("cp1252", "åäöæøéÅÄÖÆØ"),
    ("cp1252", "áðéíóúýþæöÁÐÍÓÚÞÆÖ"),
    ("cp1252", "ëïéèöüçà"),
    ("cp1250", "ąćęłńóśźżŁŚŻŹĆÓ"),
    ("cp1250", "áčďéěíňóřšťúůýžČŘŠŽÁÍÚ"),
    ("cp1250", "áäčďéíľĺňóôŕšťúýžČŠŽĽ"),
    ("cp1250", "áéíóöőúüűÁÉÍÓÖŐÚÜŰ"),
    ("cp1250", "čćšžđČĆŠŽĐ"),
    ("cp1250", "ăâîşţĂÂÎŞŢ"),
    ("cp1254", "çğıöşüÇĞİÖŞÜâî"),
    ("cp1257", "ąčęėįšųūžĄČĘĖĮŠŲŪŽ"),
    ("cp1257", "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ"),
    ("cp1257", "äõöüšžÄÕÖÜŠŽ"),
)
"""The letters beyond ASCII of the languages of each encoding; the first of equals is chosen."""


def legacy_encoding(data: bytes) -> str:
    """Return the likeliest encoding of a text that is neither ASCII nor Unicode."""
    sample = b"\n".join(_lines_beyond_ascii(data[:_SAMPLE_BYTES]))
    return _japanese(sample) or _east_asian(sample) or _single_byte(sample)


def _lines_beyond_ascii(head: bytes) -> Iterator[bytes]:
    # The last line of a sample may end within a character.
    lines = head.splitlines()
    for line in lines[:-1] if len(head) == _SAMPLE_BYTES else lines:
        if not line.isascii():
            yield line


def _japanese(sample: bytes) -> str | None:
    for encoding in ("cp932", "euc_jp"):
        text = _NOT_ASCII.findall(_decoded(sample, encoding) or "")
        if text and len(_KANA.findall("".join(text))) >= _KANA_SHARE * len(text):
            return encoding
    return None


def _east_asian(sample: bytes) -> str | None:
    for encoding, common in _EAST_ASIAN:
        text = _decoded(sample, _SUPERSETS[encoding] if encoding == "big5" else encoding)
        if text is None:
            continue
        count = len(_NOT_ASCII.findall(text))
        if count > 1 and len(re.findall(common, sample)) >= _COMMON_SHARE * count:
            return _SUPERSETS[encoding]
    return None


def _single_byte(sample: bytes) -> str:
    # Letters of other scripts form words; those of Latin languages are isolated.
    high = len(_HIGH.findall(sample))
    in_words = sum(len(word) for word in _HIGH_WORD.findall(sample))
    ascii_letters = len(_ASCII_LETTER.findall(sample))
    of_other_script = in_words * 2 > high and ascii_letters < _ASCII_SHARE * high
    languages = _OTHER_SCRIPTS if of_other_script else _LATIN
    scores = [(encoding, _share(sample, encoding, letters)) for encoding, letters in languages]
    best, share = max(scores, key=lambda score: score[1])
    if share > 0:
        return best
    return "cp1252" if _decoded(sample, "cp1252") is not None else "latin-1"


def _share(sample: bytes, encoding: str, letters: str) -> float:
    """Return the share of ``letters`` in the characters beyond ASCII.

    It is less for bytes that the encoding does not use.
    """
    text = sample.decode(encoding, errors="replace")
    characters = [one for one in _NOT_ASCII.findall(text) if one not in _EVERYWHERE]
    known = frozenset(letters)
    count = sum(one in known for one in characters) - _UNUSED_WEIGHT * text.count("\ufffd")
    return count / max(1, len(characters))


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None

"""Tag files keep every byte that nobody changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.dataset.tag_files import sidecar
from lib.dataset.tag_files.sidecar import decode, encode, read_sidecar
from lib.errors import InvalidInput

UNDECODABLE = {
    "latin1.txt",
    "cp1252.txt",
    "shift_jis.txt",
    "lone_surrogate_utf8.txt",
    "overlong.txt",
    "trunc_multibyte.txt",
}

line_ends = st.lists(st.sampled_from(["a", "é", "\r\n", "\r", "\n", "\u2028", "\x0b", "\x85", "\0", "\ufeff", "𝄞"]))
texts = st.one_of(st.text(), line_ends.map("".join))
BOMS = [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")]


@settings(deadline=None)
@given(st.one_of(st.binary(), st.tuples(st.sampled_from(BOMS), texts).map(lambda p: p[0][0] + p[1].encode(p[0][1]))))
def test_saving_what_was_read_gives_the_same_bytes(data: bytes) -> None:
    found = decode(data)
    if found.editable:
        assert encode(found, found.text) == data
    else:
        assert found.text == ""
        assert found.reason


@settings(deadline=None)
@given(st.sampled_from(BOMS), texts, texts)
def test_what_is_saved_is_what_is_read_next(bom: tuple[bytes, str], old: str, new: str) -> None:
    found = decode(bom[0] + old.encode(bom[1]))
    again = decode(encode(found, new))
    wanted = new.replace("\r\n", "\n").replace("\r", "\n")
    if found.encoding == "utf-8":
        # Without a BOM in the file, U+FEFF at the beginning can only be read as one.
        assert again.text.lstrip("\ufeff") == wanted.lstrip("\ufeff")
    else:
        assert (again.text, again.encoding) == (wanted, found.encoding)


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (b"a\nb\r\nc\rd", "a\nb\nnew\nc\nd", b"a\nb\r\nnew\nc\rd"),
        (b"a\r\nb\r\n", "a\r\nchanged\r\n", b"a\r\nchanged\r\n"),
        (b"a\r\nb\rc\r\nd", "a\nB\nc\nd", b"a\r\nB\rc\r\nd"),
        (b"a\r\nb\r\n", "a\nb\nc\n", b"a\r\nb\r\nc\r\n"),
        (b"a\rb", "b", b"b"),
        (b"a\rb", "a", b"a"),
        (b"\xef\xbb\xbfcat", "dog", b"\xef\xbb\xbfdog"),
        ("\ufeffcat".encode("utf-16-be"), "dog", "\ufeffdog".encode("utf-16-be")),
        (b"", "x\ny", b"x\ny"),
    ],
)
def test_an_edit_keeps_bom_encoding_and_the_line_ends_of_other_lines(before: bytes, text: str, after: bytes) -> None:
    assert encode(decode(before), text) == after


def test_only_cr_and_lf_end_lines() -> None:
    data = "a\u2028b\x0bc\x85d\x0ce".encode()
    assert decode(data).text == data.decode()


def test_half_a_character_is_refused() -> None:
    with pytest.raises(InvalidInput):
        encode(decode(b"cat"), "cat \ud800")


def test_undecodable_bytes_cannot_be_encoded_over() -> None:
    with pytest.raises(InvalidInput):
        encode(decode(b"caf\xe9"), "cafe")


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        ("café, naïve".encode("latin-1"), "cp1252", "café, naïve"),
        (b"\x93smart\x94 \x80", "cp1252", "“smart” €"),
        ("猫、犬".encode("shift_jis"), "shift_jis", "猫、犬"),
        # Read as the commonest they would be letters, too, with many signs among them.
        ("猫がいます".encode("shift_jis"), "shift_jis", "猫がいます"),
        ("红色的汽车".encode("gb18030"), "gb18030", "红色的汽车"),
    ],
)
def test_the_likeliest_encoding_is_guessed_first(data: bytes, encoding: str, text: str) -> None:
    found = decode(data)
    assert not found.editable
    assert found.guesses[0] == (encoding, text)


def test_a_missing_file_is_not_a_blank_one(tmp_path: Path) -> None:
    (tmp_path / "blank.txt").write_bytes(b"")
    blank, missing = read_sidecar(tmp_path / "blank.txt"), read_sidecar(tmp_path / "none.txt")
    assert (blank.exists, missing.exists) == (True, False)
    assert blank.hash
    assert missing.hash == ""


def test_what_is_no_plain_file_is_read_only_and_never_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder.txt").mkdir()
    monkeypatch.setattr(sidecar, "MAX_BYTES", 10)
    (tmp_path / "large.txt").write_bytes(b"x" * 11)
    for name in ("pipe.txt", "folder.txt", "large.txt"):
        found = read_sidecar(tmp_path / name)
        assert (found.exists, found.editable) == (True, False)
        assert found.reason


def test_hostile_tag_files_keep_their_bytes_and_the_right_six_are_undecodable(test_data: Path) -> None:
    files = sorted((test_data / "hostile/sidecars").iterdir())
    found = {path.name: read_sidecar(path) for path in files}
    assert len(found) == 28
    assert {name for name, side in found.items() if not side.editable} == UNDECODABLE
    for path in files:
        side = found[path.name]
        assert side.data == path.read_bytes()
        if side.editable:
            assert encode(side, side.text) == side.data


def test_a_lone_carriage_return_never_melts_with_the_next_line_end() -> None:
    sidecar = decode(b"000\n\r")
    for text in ("a\n\n\nb", "000\n\n\n", "\n\n\n\n"):
        assert decode(encode(sidecar, text)).text == text


@pytest.mark.skipif(sys.platform != "linux", reason="has no regular file that opens and cannot be read")
def test_a_tag_file_that_opens_and_cannot_be_read_is_told_with_the_reason() -> None:
    found = read_sidecar("/proc/self/mem")
    assert (found.exists, found.editable) == (True, False)
    assert found.reason.startswith("It cannot be read (")

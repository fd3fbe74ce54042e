"""Which addresses are read, and that no password in one is taken or repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import FolderRefused, InvalidInput
from lib.urls import check_page_may_open, parse_url


@pytest.mark.parametrize(
    ("text", "scheme", "path"),
    [
        ("/data/photos", "file", "/data/photos"),
        ("file:///data/my%20photos", "file", "/data/my photos"),
        ("file://localhost/data", "file", "/data"),
        ("s3://bucket/some/folder/", "s3", "bucket/some/folder"),
        ("S3://bucket", "s3", "bucket"),
        ("gs://bucket/a", "gs", "bucket/a"),
        ("hf://datasets/owner/name@main/data", "hf", "datasets/owner/name@main/data"),
    ],
)
def test_paths_and_addresses_of_known_kinds_are_read(text: str, scheme: str, path: str) -> None:
    found = parse_url(text)
    assert (found.scheme, found.path) == (scheme, path)
    assert parse_url(str(found)) == found


def test_a_relative_path_is_made_absolute() -> None:
    assert parse_url("photos").path == str(Path("photos").absolute())


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/a", "https://example.com/a", "ftp://host/a", "memory://a", "github://a/b", "s3:bucket/a",
        "s3://", "s3:///a", "s3://bucket/../other", "s3://bucket/a?versionId=1", "s3://bucket/a#b", "file://host/a",
        "simplecache::s3://bucket/a", "zip://a.zip::s3://bucket/a", "file:relative", "",
    ],
)  # fmt: skip
def test_other_kinds_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_url(text)


@pytest.mark.parametrize(
    "text", ["s3://AKIA123:canary-4711@bucket/a", "gs://canary-4711@bucket/a", "http://a:canary-4711@b"]
)
def test_a_password_in_an_address_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_url(text)
    assert "canary-4711" not in str(refused.value)
    assert "AKIA123" not in str(refused.value)


def test_a_page_opens_what_is_listed_and_what_lies_below_it() -> None:
    allowed = ["s3://bucket/tables", "hf://datasets/owner/name"]
    check_page_may_open(parse_url("s3://bucket/tables"), allowed)
    check_page_may_open(parse_url("s3://bucket/tables/one"), allowed)
    for refused in ("s3://bucket", "s3://bucket/tables2", "gs://bucket/tables", "hf://datasets/owner/name2"):
        with pytest.raises(FolderRefused):
            check_page_may_open(parse_url(refused), allowed)


def test_a_page_opens_nothing_where_nothing_is_listed() -> None:
    with pytest.raises(FolderRefused, match="TOOLKIT_URLS"):
        check_page_may_open(parse_url("s3://bucket/tables"), [])

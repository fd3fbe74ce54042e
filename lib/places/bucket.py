"""A bucket, or a repository of the Hugging Face Hub, through fsspec. Keys come from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from lib.errors import MissingDependency, PlaceFailed, ToolkitError, WriteFailed
from lib.places.base import DataPlace, Entry, checked, is_hidden
from lib.urls import Url

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "hf": "huggingface_hub"}
_LOCAL = "It is looked for in the environment: AWS_ENDPOINT_URL and AWS_ACCESS_KEY_ID for s3, HF_TOKEN for hf."
T = TypeVar("T")


class BucketPlace(DataPlace):
    """A file is written by one put, which the service shows whole or not at all."""

    def __init__(self, url: Url) -> None:
        super().__init__(url)
        import fsspec

        try:
            # No listing is kept: others write here meanwhile.
            self._files: Any = fsspec.filesystem(url.scheme, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES[url.scheme]
            raise MissingDependency(
                f"{url.scheme}:// needs the package {package}, which is not installed.",
                f"Nothing was read. pip install {package}",
            ) from error

    def files(self, under: str = "", *, recursive: bool = True) -> Iterator[Entry]:
        prefix = f"{under.strip('/')}/" if under.strip("/") else ""
        pages = self._s3_pages(prefix) if self.url.scheme == "s3" else self._pages(prefix)
        folders: list[str] = []
        for found, below in pages:
            yield from (entry for entry in found if not is_hidden(entry.name))
            folders += (name for name in below if not is_hidden(name))
        for name in folders if recursive else ():
            yield from self.files(name)

    def _s3_pages(self, prefix: str) -> Iterator[tuple[list[Entry], list[str]]]:
        """A thousand names at a time: fsspec's own listing holds all of a folder."""
        bucket, _, base = self.url.path.partition("/")
        base = f"{base}/" if base else ""
        asked: dict[str, Any] = {"Bucket": bucket, "Prefix": base + prefix, "Delimiter": "/"}
        while True:
            page = self._reads(lambda: self._files.call_s3("list_objects_v2", **asked), missing=dict[str, Any]())
            found = [
                Entry(one["Key"].removeprefix(base), one["Size"], one["ETag"].strip('"'))
                for one in page.get("Contents", ())
                if not one["Key"].endswith("/")
            ]
            below = [one["Prefix"].removeprefix(base).rstrip("/") for one in page.get("CommonPrefixes", ())]
            yield found, below
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def _pages(self, prefix: str) -> Iterator[tuple[list[Entry], list[str]]]:
        base = f"{self.url.path}/"
        listed = self._reads(
            lambda: self._files.ls((base + prefix).rstrip("/"), detail=True), missing=list[dict[str, Any]]()
        )
        listed = sorted(listed, key=lambda one: one["name"])
        names = [(one["name"].strip("/").removeprefix(base), one) for one in listed]
        files = [Entry(name, one.get("size") or 0, _stamp(one)) for name, one in names if one["type"] == "file"]
        yield files, [name for name, one in names if one["type"] == "directory"]

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        path = self._path(name)
        file = self._reads(lambda: self._files.open(path, "rb"))
        try:
            yield cast(BinaryIO, _BucketFile(file, self._reads))
        finally:
            file.close()

    def read(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            return cast(bytes, self._reads(lambda: self._files.cat_file(path)))
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes | Path) -> None:
        path = self._path(name)
        try:
            with self._told("was not written to", WriteFailed):
                if isinstance(data, bytes):
                    self._files.pipe_file(path, data)
                else:
                    self._files.put_file(str(data), path)
        except FileNotFoundError:
            raise WriteFailed(f"{self.url} was not written to: it is not there.", "Make the bucket first.") from None

    def remove(self, name: str) -> None:
        path = self._path(name)
        try:
            with self._told("could not be changed", WriteFailed):
                self._files.rm_file(path)
        except FileNotFoundError:
            return

    def _path(self, name: str) -> str:
        return f"{self.url.path}/{checked(name)}"

    def _reads(self, what: Callable[[], T], missing: T | None = None) -> T:
        try:
            with self._told("cannot be read", PlaceFailed):
                return what()
        except FileNotFoundError:
            if missing is None:
                raise
            return missing

    @contextmanager
    def _told(self, what: str, kind: type[ToolkitError]) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, ToolkitError):
            raise
        except Exception as error:  # noqa: BLE001 - each service has exceptions of its own, which may quote a request
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise kind(f"{self.url} {what} ({reason}).", f"What was written before is whole. {_LOCAL}") from None


class _BucketFile:
    """A file of a bucket, whose failures are told as those of the bucket."""

    def __init__(self, file: Any, told: Callable[[Callable[[], Any]], Any]) -> None:
        self._file = file
        self._told = told

    def read(self, size: int = -1, /) -> bytes:
        return cast(bytes, self._told(lambda: self._file.read(size)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _stamp(one: dict[str, Any]) -> str:
    found = next(
        (one[name] for name in ("blob_id", "etag", "ETag", "md5Hash", "mtime", "updated") if one.get(name)), ""
    )
    return str(found)

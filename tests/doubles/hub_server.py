"""The Hugging Face Hub on loopback: dataset repositories in memory, with the few endpoints that a push and a
download need (huggingface_hub 2.4), large files by way of LFS as the Hub takes photos.

In a test:

    with HubServer() as server:
        server.repository("ada/birds", {"a.jpg": data})
        ...server.url, server.repositories["ada/birds"].files...
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.doubles.loopback import Handler, Loopback

TOKEN = "hf_canary0TOKENthatNobodyMaySee"
READER = "canary-that-may-only-read"

_INVALID = "Invalid credentials in Authorization header"


def oid(data: bytes) -> str:
    """The name that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass
class Repository:
    """`revisions` are commits by name or number, each a whole tree; `main` is the newest one."""

    private: bool = False
    revisions: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"main": {}})
    commits: list[str] = field(default_factory=list)
    """What the commits say they do, the oldest first."""

    @property
    def files(self) -> dict[str, bytes]:
        return self.revisions["main"]

    def sha(self, revision: str) -> str:
        """The commit that a revision stands for; asking for it makes it known by its number, too."""
        tree = self.revisions[revision]
        contents = sorted((name, hash(data)) for name, data in tree.items())
        number = hashlib.sha1(repr(contents).encode(), usedforsecurity=False).hexdigest()
        self.revisions[number] = tree
        return number


class Refusal(Exception):
    """An answer that is none: a status, what the body says, and the Hub's own code for it."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        self.status, self.message, self.code = status, message, code


class HubServer(Loopback):
    """Takes photos by way of LFS, unless `lfs` is off. TOKEN may write, READER only read.

    `hang_up` holds what commits say, with "before" or "after": once each, the server hangs up before or after it did
    what it was asked.
    """

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.lfs = True
        self.repositories: dict[str, Repository] = {}
        self.hang_up: set[tuple[str, str]] = set()
        self.requests: list[tuple[str, str]] = []
        """Method and path, in order."""
        self.stored: dict[str, bytes] = {}
        self.lie: dict[str, int] = {}
        """Sizes that a dataset's page tells in place of the true ones."""
        self.hidden: set[str] = set()
        """What a dataset's page keeps back, while the list of its tree has it."""
        self.odd: Any = None
        """What a dataset's page tells in place of all else, where it is set."""
        self.fails: Refusal | None = None
        """What everything is answered with, where it is set."""

    def repository(self, name: str, files: dict[str, bytes], *, private: bool = False) -> Repository:
        made = self.repositories[name] = Repository(private, {"main": dict(files)})
        return made


class _Handler(Handler):
    def answer(self) -> None:
        self.body = self._body()
        path = urlsplit(self.path).path
        self.server.double.requests.append((self.command, self.path))
        try:
            if self.server.double.fails:
                raise self.server.double.fails
            for method, pattern, act in _ROUTES:
                if (found := re.fullmatch(pattern, path)) and self.command in method:
                    act(self, *map(unquote, found.groups()))
                    return
            raise Refusal(404, f"no such endpoint: {self.command} {path}")
        except Refusal as no:
            headers = {"X-Error-Code": no.code} if no.code else {}
            if no.message == _INVALID:
                headers["X-Error-Message"] = no.message
            self._send(json.dumps({"error": no.message}).encode(), no.status, headers)
        except ConnectionAbortedError:
            self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _send(self, data: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _json(self, value: Any) -> None:
        self._send(json.dumps(value).encode(), headers={"Content-Type": "application/json"})

    def _hang_up_on(self, commit: str, when: str) -> None:
        if (commit, when) in self.server.double.hang_up:
            self.server.double.hang_up.remove((commit, when))
            raise ConnectionAbortedError

    def _permitted(self, *, write: bool = False) -> bool:
        """Whether a token that may write came along. Refuses a wrong one, and none where it is needed."""
        sent = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if sent not in ("", TOKEN, READER):
            raise Refusal(401, _INVALID)
        if write and sent != TOKEN:
            # As a careless server would: its words repeat what it was sent.
            raise Refusal(403 if sent else 401, f"the token {sent} may not write")
        return bool(sent)

    def _repository(self, name: str, *, write: bool = False) -> Repository:
        permitted = self._permitted(write=write)
        found = self.server.double.repositories.get(name)
        if found is None or (found.private and not permitted):
            raise Refusal(404 if permitted else 401, "Repository not found", "RepoNotFound")
        return found

    def _tree(self, name: str, revision: str) -> tuple[str, dict[str, bytes]]:
        found = self._repository(name)
        if revision not in found.revisions:
            raise Refusal(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return found.sha(revision), found.revisions[revision]

    def whoami(self) -> None:
        if not self._permitted():
            raise Refusal(401, _INVALID)
        self._json({"type": "user", "name": "ada"})

    def create(self) -> None:
        self._permitted(write=True)
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.server.double.repositories:
            raise Refusal(409, "You already created this dataset repo")
        self.server.double.repository(
            name, {".gitattributes": b"*.jpg lfs\n"}, private=asked["visibility"] == "private"
        )
        self._json({"url": f"{self.server.double.url}/datasets/{name}"})

    def validate(self) -> None:
        self._json({"errors": [], "warnings": []})

    def info(self, name: str, revision: str = "main") -> None:
        if self.server.double.odd is not None:
            self._json(self.server.double.odd)
            return
        sha, tree = self._tree(name, revision)
        sizes = {path: len(data) for path, data in tree.items()} | self.server.double.lie
        siblings = [
            {"rfilename": path, "size": size, "blobId": "0" * 40}
            for path, size in sizes.items()
            if path not in self.server.double.hidden
        ]
        private = self.server.double.repositories[name].private
        self._json({"id": name, "sha": sha, "private": private, "tags": [], "siblings": siblings})

    def tree(self, name: str, revision: str, folder: str = "") -> None:
        """What lies in a folder, and in those below it where asked; folders are listed too."""
        _, tree = self._tree(name, revision)
        start = f"{folder}/" if folder else ""
        files = {path: data for path, data in tree.items() if path.startswith(start)}
        if folder and not files:
            raise Refusal(404, f"{folder} does not exist", "EntryNotFound")
        above = {str(place) for path in files for place in PurePosixPath(path).parents} - {"."}
        found = [_file(path, data) for path, data in files.items()]
        found += [{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in sorted(above)
                  if path.startswith(start)]  # fmt: skip
        if parse_qs(urlsplit(self.path).query).get("recursive", ["true"]) != ["true"]:
            found = [entry for entry in found if "/" not in str(entry["path"]).removeprefix(start)]
        self._json(found)

    def paths_info(self, name: str, revision: str) -> None:
        _, tree = self._tree(name, revision)
        asked = parse_qs(self.body.decode()).get("paths") or json.loads(self.body)["paths"]
        self._json([_file(path, tree[path]) for path in asked if path in tree])

    def resolve(self, name: str, revision: str, path: str) -> None:
        sha, tree = self._tree(name, revision)
        if path not in tree:
            raise Refusal(404, "Entry not found", "EntryNotFound")
        self._send(tree[path], headers={"X-Repo-Commit": sha, "ETag": f'"{oid(tree[path])}"'})

    def preupload(self, name: str, revision: str) -> None:
        files = self._repository(name, write=True).files
        answers = []
        for file in json.loads(self.body)["files"]:
            path = file["path"]
            mode = "lfs" if self.server.double.lfs and path.lower().endswith((".jpg", ".png")) else "regular"
            known = {"oid": _known(files[path], mode)} if path in files else {}
            answers.append({"path": path, "uploadMode": mode, "shouldIgnore": False, **known})
        self._json({"files": answers})

    def batch(self, name: str) -> None:
        self._repository(name, write=True)
        double = self.server.double
        objects = []
        for one in json.loads(self.body)["objects"]:
            upload = {"upload": {"href": f"{double.url}/store/{one['oid']}"}}
            objects.append(one | ({} if one["oid"] in double.stored else {"actions": upload}))
        self._send(json.dumps({"transfer": "basic", "objects": objects}).encode())

    def store(self, number: str) -> None:
        self.server.double.stored[number] = self.body
        self._send(b"")

    def commit(self, name: str) -> None:
        found = self._repository(name, write=True)
        header, *items = (json.loads(line) for line in self.body.splitlines())
        says = header["value"]["summary"]
        self._hang_up_on(says, "before")
        files = dict(found.files)
        for item in items:
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.server.double.stored[value["oid"]]
            else:
                del files[value["path"]]
        found.revisions["main"] = files
        found.commits.append(says)
        self._hang_up_on(says, "after")
        self._json({"commitUrl": f"{self.server.double.url}/datasets/{name}/commit/1", "commitOid": found.sha("main")})


def _file(path: str, data: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(data), "oid": oid(data)}


def _known(data: bytes, mode: str) -> str:
    return oid(data) if mode == "regular" else hashlib.sha256(data).hexdigest()


_NAME = "([^/]+/[^/]+)"
_ROUTES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("GET", f"/api/datasets/{_NAME}", _Handler.info),
    ("GET", f"/api/datasets/{_NAME}/revision/([^/]+)", _Handler.info),
    ("GET", f"/api/datasets/{_NAME}/tree/([^/]+)", _Handler.tree),
    ("GET", f"/api/datasets/{_NAME}/tree/([^/]+)/(.+)", _Handler.tree),
    ("POST", f"/api/datasets/{_NAME}/paths-info/([^/]+)", _Handler.paths_info),
    ("GET HEAD", f"/datasets/{_NAME}/resolve/([^/]+)/(.+)", _Handler.resolve),
    ("POST", f"/api/datasets/{_NAME}/preupload/([^/]+)", _Handler.preupload),
    ("POST", f"/datasets/{_NAME}.git/info/lfs/objects/batch", _Handler.batch),
    ("PUT", "/store/([0-9a-f]+)", _Handler.store),
    ("POST", f"/api/datasets/{_NAME}/commit/main", _Handler.commit),
)

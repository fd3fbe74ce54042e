"""Debian's nginx in front of a server, with a configuration of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.programs import stop
from tests.missing import missing

# Debian has it where only root looks.
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def nginx(folder: Path, port: int, server: str, *, own_account: bool = True) -> Iterator[None]:
    """Run nginx with one server block, until it listens on the port.

    `own_account`: its workers run under the test's account, which they do in any case where that is not root's. Else
    they run under the one that Debian gives them, as on a host, and cannot keep bodies in the folder.
    """
    program = shutil.which("nginx", path=_PLACES)
    if program is None:
        missing("nginx is not installed")
    user = f"user {'root' if own_account else 'www-data'};" if os.geteuid() == 0 else ""
    rooms = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in _KINDS)
    (folder / "nginx.conf").write_text(
        f"{user} pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}} http {{ access_log off;\n{rooms}{server} }}\n"
    )
    command = [program, "-p", str(folder), "-e", f"{folder}/error.log", "-c", "nginx.conf", "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(port, process, folder / "error.log")
            yield
        finally:
            stop(process)


def certificate(folder: Path) -> Path:
    """A key and a certificate of the test's own, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl, which makes the certificate, is not installed")
    path = folder / "both.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path, "-out", folder / "cert.pem",
         "-days", "2", "-subj", "/CN=127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_text(path.read_text() + (folder / "cert.pem").read_text())
    return path


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(500):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nginx did not start:\n{log.read_text() if log.exists() else ''}")

"""A bucket on loopback that speaks S3, and the environment that leads there."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.missing import missing

SECRET = "canary-secret-0123456789"


@contextmanager
def loopback_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, `s3://…`; whoever is started meanwhile finds it, too."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        missing("moto is not installed: no bucket on loopback")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "AKIACANARY",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        import s3fs

        s3fs.S3FileSystem.clear_instance_cache()
        # What one of this process holds, all of them hold.
        name = f"bucket-{secrets.token_hex(6)}"
        s3fs.S3FileSystem().mkdir(name)
        yield f"s3://{name}"
    finally:
        server.stop()

"""One pace for a whole job, measured at the service: through a storm of refusals no minute holds more than allowed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.part_run import Run, keys
from tests.doubles.provider_server import ProviderServer, Received, Reply

RPM, IMAGES = 40, 48


class Counting(ProviderServer):
    """Notes when each request came, and refuses some at the beginning."""

    def __init__(self) -> None:
        super().__init__("a caption")
        self.came: list[float] = []

    def reply_to(self, received: Received) -> Reply:
        self.came.append(time.monotonic())
        if 6 < len(self.came) <= 14:
            return Reply.raw(b"", 429, retry_after="2")
        return super().reply_to(received)


@pytest.mark.slow
def test_no_minute_holds_more_than_the_allowed_requests_with_four_workers_and_a_storm_of_refusals(
    tmp_path: Path,
) -> None:
    photos = image_folder(tmp_path / "photos", IMAGES)
    with Counting() as server:
        ended = Run(photos, tmp_path / "sink", server, "--rpm", str(RPM), "--workers", "4", "--threads", "2").end()
    # An image that meets a refusal at each of its tries is a row with that reason.
    assert ended["counts"]["done"] + ended["counts"]["failed"] == IMAGES, ended
    assert ended["counts"]["failed"] <= 2, ended
    assert keys(tmp_path / "sink") == sorted(path.name for path in photos.glob("*.jpg"))
    assert len(server.came) >= IMAGES + 6
    busiest = max(sum(start <= moment < start + 60 for moment in server.came) for start in server.came)
    assert busiest <= RPM
    # And it is no slower than it has to be.
    assert busiest >= RPM - 2

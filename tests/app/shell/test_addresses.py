"""Tables by address on the start page: those that the administrator lists, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session.state import AppState
from lib import cache
from lib.places import place_at
from lib.settings import settings
from tests.doubles.bucket import loopback_bucket
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.tables import write_table

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture
def bucket(toolkit_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    with loopback_bucket(monkeypatch) as url:
        write_table(tmp_path / "t.parquet", [("a.jpg", "a cat"), ("b.jpg", "a dog")])
        place_at(f"{url}/sets").put("pets.parquet", tmp_path / "t.parquet")
        monkeypatch.setenv("TOOLKIT_URLS", f"{url}/sets")
        settings.cache_clear()
        yield url


def asked(address: str) -> AppTest:
    page = open_page()
    page.text_input(key="picker.path").set_value(address).run()
    page.button(key="picker.select").click().run()
    for job in cache.job_runner().of("local"):
        assert job.wait(30)
    page.run()
    assert healthy(page)
    return page


def dataset_root(page: AppTest) -> Path | None:
    state: AppState = page.session_state["app_state"]
    return state.dataset.root if state.dataset is not None else None


def test_a_table_that_pages_may_open_is_copied_and_opened(bucket: str, toolkit_home: Path) -> None:
    page = asked(f"{bucket}/sets/pets.parquet")
    root = dataset_root(page)
    assert root is not None
    assert root.is_relative_to(settings().workspace("local").resolve())
    assert [record.text for record in page.session_state["app_state"].dataset.records] == ["a cat", "a dog"]


def test_what_a_copy_means_is_said_before(bucket: str) -> None:
    page = open_page()
    page.text_input(key="picker.path").set_value(f"{bucket}/sets/pets.parquet").run()
    assert "nothing is written to the address" in texts(page)


def test_what_went_wrong_with_a_copy_is_said_until_it_is_dismissed(bucket: str) -> None:
    page = asked(f"{bucket}/sets/nothing.parquet")
    assert dataset_root(page) is None
    assert "There is no table at" in texts(page.run())
    page.button(key="address.dismiss").click().run()
    assert "There is no table at" not in texts(page)


def test_others_are_refused_with_the_setting_that_would_allow_them(bucket: str) -> None:
    page = asked(f"{bucket}/other/pets.parquet")
    assert dataset_root(page) is None
    assert "may not be opened on a page" in texts(page)
    assert "TOOLKIT_URLS" in texts(page)


def test_a_password_in_an_address_is_refused_and_not_repeated(bucket: str) -> None:
    page = asked("s3://me:hunter2@bucket/sets")
    assert dataset_root(page) is None
    assert "has a name or a password in it" in texts(page)
    assert "hunter2" not in texts(page)


def test_an_address_of_this_machine_follows_the_rules_of_paths(bucket: str, photos: Path) -> None:
    assert dataset_root(asked(f"file://{photos}")) == photos.resolve()
    page = asked("file:///etc")
    assert dataset_root(page) is None
    assert "This path cannot be opened here" in texts(page)

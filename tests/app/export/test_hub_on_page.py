"""The Export page and the Hugging Face Hub: a push, an import by name, and a token that is seen by the Hub alone."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from streamlit.testing.v1 import AppTest

from app.session.jobs import key_of
from app.session.open_dataset import open_folder
from lib import cache
from lib.hub import Hub
from lib.settings import settings
from tests.app.export.test_export_page import export_page, import_page, press
from tests.doubles.dashboard import open_scope, texts
from tests.doubles.hub_server import READER, TOKEN, HubServer
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import captions_of

# The library's own way of sending a file.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

NAME = "ada/birds"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    with HubServer() as made:
        monkeypatch.setattr("app.export.hub_token.Hub", functools.partial(Hub, endpoint=made.url))
        yield made


def field(fields: Any, name: str) -> Any:
    """A field of the push form, which has its own for each folder."""
    (found,) = [one for one in fields if (one.key or "").startswith(f"{name}\n")]
    return found


def push_page(folder: Path, token: str = TOKEN, name: str = NAME) -> AppTest:
    page = export_page(folder)
    page.radio(key="export.format").set_value("hub").run()
    field(page.text_input, "push.repository").set_value(name).run()
    page.text_input(key="hub.token").set_value(token).run()
    return page


def hub_page(folder: Path | None = None, token: str = TOKEN, **fields: str) -> AppTest:
    page = import_page(folder)
    page.segmented_control(key="import.from").set_value("Hugging Face Hub").run()
    for field, value in {"repository": NAME, **fields}.items():
        page.text_input(key=f"import.{field}").set_value(value).run()
    page.text_input(key="hub.token").set_value(token).run()
    return page


def test_what_is_in_scope_is_pushed_and_its_page_is_linked(server: HubServer, photos: Path) -> None:
    page = push_page(photos)
    open_scope(page).text_input(key="scope.query").set_value("cat, boat").run()
    page.slider(key="export.validation").set_value(50).run()
    press(page, "push.start")
    assert "2 samples are on the Hub." in texts(page)
    (link,) = page.get("link_button")
    assert link.proto.url == f"{server.url}/datasets/{NAME}"
    repository = server.repositories[NAME]
    assert repository.private
    assert {"train/metadata.jsonl", "validation/metadata.jsonl"} < repository.files.keys()
    assert sum(name.endswith((".jpg", ".webp")) for name in repository.files) == 2
    assert not list((settings().workspace("local") / "pushes").iterdir())
    press(page, "push.dismiss")
    assert not page.get("link_button")


def test_public_is_a_choice_of_its_own_and_the_license_stands_in_the_card(server: HubServer, photos: Path) -> None:
    page = push_page(photos)
    field(page.checkbox, "push.public").check().run()
    field(page.text_input, "push.license").set_value("cc-by-4.0").run()
    press(page, "push.start")
    assert "Everybody can see them." in texts(page)
    assert not server.repositories[NAME].private
    assert b"license: cc-by-4.0" in server.repositories[NAME].files["README.md"]


@pytest.mark.parametrize(
    ("token", "name", "says"),
    [
        ("", NAME, "The Hugging Face Hub wants a token."),
        ("hf_wrongcanary", NAME, "refused the token"),
        (READER, NAME, "refused the token"),
        (TOKEN, "birds", "Write owner/name"),
    ],
)
def test_a_refused_push_says_why_and_goes_through_once_that_is_mended(
    server: HubServer, photos: Path, token: str, name: str, says: str
) -> None:
    page = press(push_page(photos, token, name), "push.start")
    assert says in texts(page)
    assert not token or token not in texts(page)
    assert server.repositories == {}
    page.text_input(key="hub.token").set_value(TOKEN).run()
    field(page.text_input, "push.repository").set_value(NAME).run()
    press(page, "push.start")
    assert "3 samples are on the Hub." in texts(page)


def test_a_push_that_broke_off_goes_on_at_the_next_click(server: HubServer, photos: Path) -> None:
    server.hang_up = {("Add images and captions", "before")}
    page = press(push_page(photos), "push.start")
    assert "push again to go on" in texts(page)
    press(page, "push.start")
    assert "3 samples are on the Hub." in texts(page)


def only(page: AppTest, query: str) -> AppTest:
    open_scope(page).text_input(key="scope.query").set_value(query).run()
    return press(page, "push.start")


def test_what_a_push_would_remove_is_told_and_asked_before_anything_is_sent(server: HubServer, photos: Path) -> None:
    page = press(push_page(photos), "push.start")
    repository = server.repositories[NAME]
    before = dict(repository.files)
    only(page, "cat, boat")
    assert "holds 1 file of an earlier push" in texts(page)
    assert repository.files == before
    (box,) = [box for box in page.checkbox if (box.key or "").startswith("push.remove.")]
    assert "Remove this file from ada" in box.label
    press(page, "push.start")
    assert repository.files == before
    # What was said of one file is not said of two.
    (box,) = [box for box in page.checkbox if (box.key or "").startswith("push.remove.")]
    box.check().run()
    only(page, "cat")
    assert "holds 2 files of an earlier push" in texts(page)
    assert repository.files == before
    (box,) = [box for box in page.checkbox if (box.key or "").startswith("push.remove.")]
    assert not box.value
    box.check().run()
    press(page, "push.start")
    assert "1 sample is on the Hub." in texts(page)
    assert [name for name in repository.files if name.startswith("train/")] == ["train/a.jpg", "train/metadata.jsonl"]


def test_consent_for_one_repository_is_none_for_another(server: HubServer, photos: Path) -> None:
    page = push_page(photos)
    for name in ("ada/other", NAME):
        field(page.text_input, "push.repository").set_value(name).run()
        press(page, "push.start")
    only(page, "cat")
    (box,) = [box for box in page.checkbox if (box.key or "").startswith("push.remove.")]
    box.check().run()
    field(page.text_input, "push.repository").set_value("ada/other").run()
    before = dict(server.repositories["ada/other"].files)
    press(page, "push.start")
    assert "“ada/other” holds 2 files" in texts(page)
    assert server.repositories["ada/other"].files == before


def test_where_one_folder_went_is_not_where_the_next_one_goes(server: HubServer, photos: Path, tmp_path: Path) -> None:
    page = push_page(photos)
    field(page.checkbox, "push.public").check().run()
    open_folder(page.session_state["app_state"], image_folder(tmp_path / "others"))
    page.run()
    assert field(page.text_input, "push.repository").value == ""
    assert not field(page.checkbox, "push.public").value


def test_a_push_that_is_cancelled_uploads_nothing(
    server: HubServer, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.exporting.hub import push

    def held(*args: object, **options: object) -> object:
        (job,) = [job for job in cache.job_runner().of("local") if key_of(job).kind == "push"]
        job.cancel()
        return push(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("app.export.pushes.push", held)
    page = press(push_page(photos), "push.start")
    assert "The export was stopped." in texts(page)
    assert server.repositories == {}


def test_the_servers_own_token_is_used_and_never_shown(
    server: HubServer, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    settings.cache_clear()
    page = push_page(photos, token="")
    assert "Set on this server" in page.text_input(key="hub.token").placeholder
    press(page, "push.start")
    assert "3 samples are on the Hub." in texts(page)
    assert TOKEN not in str(page.main) + texts(page)


def test_a_visitor_has_to_bring_a_token(server: HubServer, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    settings.cache_clear()
    monkeypatch.setattr("app.session.state.current_owner", lambda: "cookie:visitor")
    server.repository("admin/secret", {"a.jpg": (photos / "a.jpg").read_bytes()}, private=True)
    page = hub_page(photos, token="", repository="admin/secret")
    page.button(key="import.start").click().run()
    for job in cache.job_runner().of("cookie:visitor"):
        assert job.wait(20)
    assert "or it is private" in texts(page.run())
    page.segmented_control(key="export.way").set_value("Export").run()
    page.radio(key="export.format").set_value("hub").run()
    assert "write access" in page.text_input(key="hub.token").placeholder
    field(page.text_input, "push.repository").set_value(NAME).run()
    page.button(key="push.start").click().run()
    for job in cache.job_runner().of("cookie:visitor"):
        assert job.wait(20)
    assert "wants a token" in texts(page.run())
    assert NAME not in server.repositories


def test_a_typed_token_lands_in_no_file(
    server: HubServer, photos: Path, tmp_path: Path, toolkit_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    press(push_page(photos), "push.start")
    press(hub_page(photos), "import.start")
    places = [
        Path(place, name) for root in (tmp_path, toolkit_home) for place, _, names in os.walk(root) for name in names
    ]
    assert len(places) > 8
    assert not [place for place in places if TOKEN.encode() in place.read_bytes()]
    assert TOKEN not in caplog.text


def rows(**texts_by_name: str) -> bytes:
    lines = (f'{{"file_name": "{name}.jpg", "text": "{text}"}}\n' for name, text in texts_by_name.items())
    return "".join(lines).encode()


def test_a_dataset_of_the_hub_comes_in_by_its_name_and_goes_back(server: HubServer, photos: Path) -> None:
    picture = (photos / "a.jpg").read_bytes()
    files = {"train/new.jpg": picture, "train/a.jpg": picture, "train/metadata.jsonl": rows(new="new", a="theirs")}
    server.repository(NAME, {**files, "test/other.jpg": picture}).revisions["v1"] = files
    page = hub_page(photos, revision="v1", subfolder="train")
    page.segmented_control(key="import.existing").set_value("both").run()
    press(page, "import.start")
    assert "1 of these differed from what was there" in texts(page)
    assert captions_of(photos)["a.jpg"] == "A cat on a mat.\ntheirs"
    assert captions_of(photos)["new.jpg"] == "new"
    assert not (photos / "other.jpg").exists()
    press(page, "import.undo")
    assert captions_of(photos)["a.jpg"] == "A cat on a mat."


def test_a_dataset_of_the_hub_becomes_one_of_mine(server: HubServer, photos: Path) -> None:
    server.repository(NAME, {"a.jpg": (photos / "a.jpg").read_bytes(), "a.txt": b"a bird"})
    page = press(hub_page(), "import.start")
    press(page, "import.open")
    dataset = page.session_state["app_state"].dataset
    assert dataset.root == settings().workspace("local") / "uploads" / "birds"
    assert captions_of(dataset.root) == {"a.jpg": "a bird"}


def test_a_dataset_of_the_hub_is_looked_at_first_and_downloaded_once(server: HubServer, photos: Path) -> None:
    files = {"a.jpg": (photos / "a.jpg").read_bytes(), "t.csv": b"one,two\na.jpg,a bird\n"}
    server.repository(NAME, files)
    page = press(hub_page(), "import.look")
    assert "1 image" in texts(page)
    uploads = settings().workspace("local") / "uploads"
    assert [path for path in uploads.rglob("*") if path.is_file()] == []
    fetched = [path for _, path in server.requests if "/resolve/" in path]
    press(page, "import.looked")
    assert captions_of(uploads / "birds") == {"a.jpg": "a bird"}
    assert [path for _, path in server.requests if "/resolve/" in path] == fetched
    assert list(settings().workspace("local").rglob("t.csv")) == []


def test_a_look_at_the_hub_that_is_let_go_leaves_nothing(server: HubServer, photos: Path) -> None:
    server.repository(NAME, {"a.jpg": (photos / "a.jpg").read_bytes()})
    page = press(hub_page(), "import.look")
    page.button(key="import.let_go").click().run()
    assert list(settings().workspace("local").rglob("*.jpg")) == []
    assert not [button for button in page.button if button.key == "import.looked"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"repository": ""}, "no name of a repository"),
        ({"subfolder": "../.."}, "no folder of a dataset"),
        ({"repository": "ada/none"}, "There is no dataset “ada/none” on the Hub"),
        ({"revision": "v9"}, "or not this revision"),
    ],
)
def test_what_the_hub_does_not_have_is_told(server: HubServer, photos: Path, fields: dict[str, str], says: str) -> None:
    server.repository(NAME, {"a.jpg": (photos / "a.jpg").read_bytes()})
    page = press(hub_page(**fields), "import.start")
    assert says in texts(page)
    assert list(settings().workspace("local").glob("uploads/*")) == []


def test_a_dataset_larger_than_the_space_for_uploads_is_not_downloaded(
    server: HubServer, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repository(NAME, {"a.jpg": (photos / "a.jpg").read_bytes()})
    page = hub_page()
    monkeypatch.setattr(settings(), "upload_quota_mb", 0)
    press(page, "import.start")
    assert "are the limits" in texts(page)
    assert not [path for _, path in server.requests if "/resolve/" in path]

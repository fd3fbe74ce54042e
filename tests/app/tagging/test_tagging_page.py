"""The Tagging page's logic, from app/main.py down to the files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session.open_dataset import current_name
from tests.doubles.dashboard import choose_server, healthy, open_page, settle, texts
from tests.doubles.provider_server import ProviderServer, Reply


def showing(page: AppTest) -> str:
    return next(element.value for element in page.markdown if "Showing" in element.value)


def current(page: AppTest) -> str:
    return current_name(page.session_state["app_state"])


def test_the_start_page_offers_a_folder_a_sample_and_an_upload() -> None:
    page = open_page()
    assert healthy(page)
    assert page.button(key="picker.select").label == "Select"
    assert page.button(key="picker.sample").label == "Sample dataset"
    assert "kaggle.com/datasets/adityajn105/flickr8k" in texts(page)


def test_select_opens_the_folder_in_the_path_box(photos: Path) -> None:
    page = open_page()
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert "1 of 5" in showing(page)
    assert page.query_params["folder"] == str(photos)


def test_a_folder_outside_the_allowed_ones_is_refused_with_a_sentence(tmp_path: Path) -> None:
    page = open_page(Path("/etc"))
    assert healthy(page)
    assert "This cannot be opened as a folder" in texts(page)
    assert page.button(key="picker.select")


def test_without_subfolders_only_the_top_is_opened(photos: Path) -> None:
    page = open_page()
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.checkbox(key="picker.recursive").uncheck().run()
    page.button(key="picker.select").click().run()
    assert "1 of 4" in showing(page)


def test_next_and_previous_go_round_the_ends(photos: Path) -> None:
    page = open_page(photos)
    page.button(key="tagging.previous").click().run()
    assert current(page) == "sub/e.webp"
    page.button(key="tagging.next").click().run()
    assert current(page) == "a.jpg"


@pytest.mark.parametrize(("wanted", "image"), [("3", "c.png"), ("E.WEBP", "sub/e.webp"), ("b.jpg", "b.jpg")])
def test_jump_takes_a_number_or_part_of_a_name(photos: Path, wanted: str, image: str) -> None:
    page = open_page(photos)
    page.text_input(key="tagging-jump").set_value(wanted).run()
    assert current(page) == image


def test_a_jump_to_nowhere_says_so_and_stays(photos: Path) -> None:
    page = open_page(photos, "b.jpg")
    page.text_input(key="tagging-jump").set_value("99").run()
    assert "There is no image" in texts(page)
    assert current(page) == "b.jpg"


def test_next_untagged_passes_over_what_has_a_text(photos: Path) -> None:
    page = open_page(photos)
    page.button(key="tagging.untagged").click().run()
    assert current(page) == "c.png"


def test_a_missing_tag_file_is_created_blank_when_its_image_is_opened_only(photos: Path) -> None:
    page = open_page(photos)
    assert not (photos / "d.txt").exists()
    page.text_input(key="tagging-jump").set_value("d.JPG").run()
    assert (photos / "d.txt").read_bytes() == b""


def test_an_unreadable_image_is_told_and_the_rest_goes_on(photos: Path) -> None:
    (photos / "b.jpg").write_bytes(b"not a picture")
    page = open_page(photos, "b.jpg")
    assert healthy(page)
    assert "This image cannot be opened" in texts(page)
    assert "b.jpg" in texts(page)


def test_an_empty_folder_says_so(photos: Path) -> None:
    empty = photos / "empty"
    empty.mkdir()
    page = open_page(empty)
    assert healthy(page)
    assert "No images were found" in texts(page)


def test_a_shared_stem_waits_for_a_decision_and_can_be_shared(photos: Path) -> None:
    (photos / "a.png").write_bytes((photos / "c.png").read_bytes())
    page = open_page(photos, "a.png")
    assert "Two images share one tag file" in texts(page)
    assert page.button(key="tagging.save").disabled
    page.button(key="tagging.share").click().run()
    assert "Two images share one tag file" not in texts(page)
    assert not page.button(key="tagging.save").disabled


def test_a_shared_stem_can_be_settled_by_a_rename(photos: Path) -> None:
    (photos / "a.png").write_bytes((photos / "c.png").read_bytes())
    page = open_page(photos, "a.png")
    page.text_input(key="tagging.rename.a.png").set_value("cat_2").run()
    page.button(key="tagging.rename").click().run()
    assert (photos / "cat_2.png").exists()
    assert not (photos / "a.png").exists()
    assert current(page) == "cat_2.png"
    assert (photos / "a.txt").read_text() == "A cat on a mat."


def test_an_undecodable_tag_file_is_read_only_until_converted(photos: Path) -> None:
    (photos / "a.txt").write_bytes("café".encode("cp1252"))
    page = open_page(photos, "a.jpg")
    assert page.button(key="tagging.save").disabled
    page.selectbox(key="tagging.encoding.a.jpg").select("cp1252").run()
    page.button(key="tagging.convert").click().run()
    assert (photos / "a.txt").read_text(encoding="utf-8") == "café"
    assert not page.button(key="tagging.save").disabled


def generate(page: AppTest, url: str) -> AppTest:
    choose_server(page, url).button(key="generate.start").click().run()
    return settle(page)


def test_a_generated_tag_stands_apart_until_it_is_taken_and_saved(photos: Path) -> None:
    with ProviderServer("A red square.") as server:
        page = generate(open_page(photos), server.url)
    assert page.button(key="generate.append").label == "Append"
    assert "A red square." in texts(page)
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    page.button(key="generate.append").click().run()
    assert not [button for button in page.button if button.key == "generate.append"]
    page.button(key="tagging.save").click().run()
    assert (photos / "a.txt").read_text() == "A cat on a mat. A red square."


def test_a_saved_caption_keeps_where_it_came_from(photos: Path) -> None:
    from lib.dataset.saving.open_journal import journal_for
    from lib.settings import settings

    with ProviderServer("A red square.") as server:
        page = generate(open_page(photos), server.url)
    page.button(key="generate.overwrite").click().run()
    page.button(key="tagging.save").click().run()
    origin = journal_for(photos, settings()).latest_origin("a.txt")
    assert origin is not None
    assert (origin.kind, origin.model, origin.edited) == ("generate", "openai-compatible:tiny-vision", False)
    assert origin.params["max_tokens"] == 1024


def test_a_cut_off_answer_is_flagged(photos: Path) -> None:
    with ProviderServer() as server:
        page = choose_server(open_page(photos), server.url)
        server.enqueue(Reply.caption("A red", finish="length"))
        page.button(key="generate.start").click().run()
        settle(page)
    assert "cut off" in texts(page)


def test_a_refused_key_gets_its_own_sentence_and_touches_nothing(photos: Path) -> None:
    with ProviderServer() as server:
        page = choose_server(open_page(photos), server.url)
        server.enqueue(Reply.json({"error": "Unauthorized"}, 401))
        page.text_input(key="generate.key.openai-compatible").set_value("sk-canary-123456").run()
        page.button(key="generate.start").click().run()
        settle(page)
        assert server.requests[-1].header("authorization") == "Bearer sk-canary-123456"
    assert "The API key was refused" in texts(page)
    assert "canary" not in texts(page)
    assert (photos / "a.txt").read_text() == "A cat on a mat."


def test_a_service_that_needs_a_key_asks_for_it(photos: Path) -> None:
    page = open_page(photos)
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.button(key="generate.start").click().run()
    assert "An API key is needed" in texts(page)
    assert "NVIDIA_API_KEY" in texts(page)


def test_a_server_key_is_announced_but_not_sent(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lib.settings import settings

    monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-canary")
    settings.cache_clear()
    page = open_page(photos)
    page.selectbox(key="generate.model").select("kosmos-2").run()
    field = page.text_input(key="generate.key.nim")
    assert field.value == ""
    assert "NVIDIA_API_KEY" in field.placeholder
    assert "canary" not in repr(page.main)


def test_wrong_parameters_are_explained_and_nothing_is_sent(photos: Path) -> None:
    with ProviderServer() as server:
        page = choose_server(open_page(photos), server.url)
        page.text_input(key="generate.params.openai-compatible").set_value("max_tokens=").run()
        assert "max_tokens has no value" in texts(page)
        page.button(key="generate.start").click().run()
        assert texts(page).count("These parameters cannot be used") == 1
        assert [request.method for request in server.requests] == ["GET"]


def test_a_prompt_preset_lasts(photos: Path) -> None:
    page = open_page(photos)
    page.selectbox(key="generate.model").select("smolvlm-256m").run()
    page.text_area(key="generate.prompt.short.sentence").set_value("Name three colours.").run()
    page.text_input(key="generate.preset_name").set_value("Colours").run()
    page.button(key="generate.keep").click().run()
    fresh = open_page(photos)
    assert "Colours" in fresh.selectbox(key="generate.preset").options
    fresh.selectbox(key="generate.preset").select("Colours").run()
    fresh.button(key="generate.use").click().run()
    assert fresh.text_area(key="generate.prompt.short.sentence").value == "Name three colours."


def test_buttons_act_on_the_image_they_were_drawn_for(photos: Path) -> None:
    """Next may be carried out before Save when both are pressed at once."""
    from lib.domain import Origin
    from lib.preferences import Draft, Preferences
    from lib.settings import settings

    kept = Preferences(settings().owner_folder("local"))
    page = open_page(photos)
    hashes = {name: open_hash(photos / name) for name in ("a.txt", "b.txt")}
    kept.keep_draft(photos, "a.jpg", Draft("draft of a", hashes["a.txt"], Origin()))
    kept.keep_draft(photos, "b.jpg", Draft("draft of b", hashes["b.txt"], Origin()))
    page.run()
    page.button(key="tagging.next").click()
    page.button(key="tagging.save").click().run()
    assert (photos / "a.txt").read_text() == "draft of a"
    assert (photos / "b.txt").read_text() == "dog, red sofa"
    assert current(page) == "b.jpg"


def open_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_key_typed_just_before_generate_is_sent(photos: Path) -> None:
    with ProviderServer() as server:
        page = choose_server(open_page(photos), server.url)
        page.text_input(key="generate.key.openai-compatible").set_value("sk-typed-last")
        page.text_input(key="generate.params.openai-compatible").set_value("max_tokens=77")
        page.button(key="generate.start").click().run()
        settle(page)
        sent = [request for request in server.requests if request.method == "POST"][-1]
        assert sent.header("authorization") == "Bearer sk-typed-last"
        assert sent.body["max_tokens"] == 77


def test_a_path_typed_just_before_select_is_opened(photos: Path) -> None:
    page = open_page()
    page.text_input(key="picker.path").set_value(str(photos / "sub"))
    page.button(key="picker.select").click().run()
    assert "1 of 1" in showing(page)


def test_a_number_with_leading_zeros_is_a_number(photos: Path) -> None:
    page = open_page(photos)
    page.text_input(key="tagging-jump").set_value("0000000003").run()
    assert current(page) == "c.png"
    page.text_input(key="tagging-jump").set_value("0000000012").run()
    assert healthy(page)
    assert "There is no image" in texts(page)
    assert page.text_input(key="tagging-jump").value == "0000000012"


def test_a_whole_name_goes_before_a_part_of_one(photos: Path) -> None:
    (photos / "ab.jpg").write_bytes((photos / "a.jpg").read_bytes())
    page = open_page(photos)
    page.text_input(key="tagging-jump").set_value("B.JPG").run()
    assert current(page) == "b.jpg"


def test_next_untagged_believes_the_file_and_not_its_memory(photos: Path) -> None:
    page = open_page(photos)
    (photos / "c.txt").write_text("tagged by another program")
    page.button(key="tagging.untagged").click().run()
    assert current(page) == "d.JPG"


def test_recent_folders_are_opened_as_they_were(photos: Path) -> None:
    from lib.preferences import Preferences, RecentFolder
    from lib.settings import settings

    page = open_page()
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.checkbox(key="picker.recursive").uncheck().run()
    page.selectbox(key="picker.suffix").select(".caption").run()
    page.button(key="picker.select").click().run()
    kept = Preferences(settings().owner_folder("local"))
    assert kept.recent_folders() == [RecentFolder(photos, False, ".caption")]
    assert (photos / "a.caption").exists()


def test_reload_after_the_image_was_deleted_stays_near_its_place(photos: Path) -> None:
    page = open_page(photos, "c.png")
    (photos / "c.png").unlink()
    page.button(key="shell.reload").click().run()
    assert current(page) == "d.JPG"


def test_a_folder_that_was_deleted_is_told_and_loses_nothing(photos: Path) -> None:
    import shutil

    page = open_page(photos)
    shutil.rmtree(photos)
    page.button(key="tagging.next").click().run()
    assert healthy(page)
    page.button(key="shell.reload").click().run()
    assert healthy(page)
    assert "This cannot be opened as a folder" in texts(page)


def test_problems_are_told_for_a_folder_without_images_too(photos: Path) -> None:
    lonely = photos / "lonely"
    lonely.mkdir()
    (lonely / "left.txt").write_text("orphan")
    page = open_page(lonely)
    assert page.button(key="problems.open").label == "1 to look at"


def test_a_served_models_name_is_shown_as_text(photos: Path) -> None:
    with ProviderServer("x", models=["![x](http://127.0.0.1:9/b)"]) as server:
        page = generate(open_page(photos), server.url)
    assert "![x](http" not in "\n".join(element.value for element in page.caption)


def test_the_default_model_follows_the_servers_keys(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lib.settings import settings

    assert open_page(photos).selectbox(key="generate.model").value == "blip-base"
    monkeypatch.setenv("NVIDIA_API_KEY", "nvapi-x")
    settings.cache_clear()
    assert open_page(photos).selectbox(key="generate.model").value == "llama-3-2-90b-vision"

"""Generate for all, and the panel of long runs, without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from streamlit.testing.v1 import AppTest

from app.session.open_dataset import opened
from lib import cache
from lib.caption_runs import CaptionPlan
from lib.captioning import Brief
from lib.domain import Origin
from lib.jobs.ledger import NewRun, Settled
from tests.doubles.dashboard import MAIN, choose_server, healthy, open_page, texts
from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer


def until(page: AppTest, condition: Callable[[AppTest], bool]) -> None:
    """Run the page again until something is true of it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition(page):
        assert time.monotonic() < deadline, texts(page)
        time.sleep(0.05)
        page.run()
    assert healthy(page)


def label(page: AppTest) -> str:
    return page.button(key="bulk.generate").label


def test_the_button_says_how_many_images_are_meant(photos: Path) -> None:
    page = open_page(photos, screen="bulk_ops")
    assert label(page) == "Generate for 2 images"
    assert "3 images with a caption stay as they are" in texts(page)
    page.selectbox(key="bulk.existing").select("overwrite").run()
    assert label(page) == "Generate for 5 images"
    assert "Replace 3 captions?" in texts(page)


def test_a_run_writes_only_what_was_chosen_and_is_listed_until_dismissed(photos: Path) -> None:
    with ProviderServer("A red square.") as server:
        page = choose_server(open_page(photos, screen="bulk_ops"), server.url)
        page.button(key="bulk.generate").click().run()
        until(page, lambda page: "Done · 2 captioned" in texts(page))
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    assert (photos / "d.txt").read_text() == "A red square."
    # None is left: no number of nothing.
    assert label(page) == "Generate"
    # In another folder nothing is left to be done about it.
    assert "Done · 2 captioned" not in texts(open_page(photos / "sub"))
    assert "Done · 2 captioned" in texts(open_page(photos))
    (dismiss,) = [button for button in page.button if button.label == "Dismiss"]
    dismiss.click().run()
    assert "captioned" not in texts(page)
    assert (photos / "d.txt").read_text() == "A red square."


def test_a_try_shows_what_would_be_saved_and_saves_nothing(photos: Path) -> None:
    with ProviderServer("red") as server:
        page = choose_server(open_page(photos, screen="bulk_ops"), server.url)
        page.selectbox(key="bulk.existing").select("append").run()
        page.button(key="bulk.try").click().run()
        until(page, lambda page: "Nothing of this try was saved" in texts(page))
    assert "A cat on a mat. red" in texts(page)
    assert (photos / "a.txt").read_text() == "A cat on a mat."


def test_a_missing_key_is_told_before_anything_begins(photos: Path) -> None:
    page = open_page(photos, screen="bulk_ops")
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.button(key="bulk.generate").click().run()
    assert "An API key is needed" in texts(page)
    assert cache.ledger().of("local") == []


def interrupted(photos: Path, owner: str) -> None:
    """A run that a dead server has left behind."""
    plan = CaptionPlan(photos, True, ".txt", "openai-compatible:tiny-vision", "http://127.0.0.1:1", Brief("Describe"))
    plan = replace(plan, with_key=True)
    cache.ledger().begin(
        NewRun("r", owner, "captions", "Captioning 2 images in photos", plan.to_json(), ["c.png", "d.JPG"])
    )
    cache.ledger().settle("r", [Settled("c.png", "failed", "It is odd.")])


def test_nobody_sees_the_runs_of_others(photos: Path) -> None:
    interrupted(photos, "somebody else")
    shown = texts(open_page(photos))
    assert "Captioning 2 images" not in shown
    assert "Cut short" not in shown


def test_a_run_that_was_cut_short_asks_for_its_key_and_lists_what_failed(photos: Path) -> None:
    interrupted(photos, "local")
    page = open_page()
    shown = texts(page)
    assert "Cut short when the server stopped · 0 captioned · 1 left" in shown
    assert "It is odd." in shown
    assert page.text_input(key="jobs.key.r").value == ""
    assert {button.label for button in page.button} >= {"Resume", "Dismiss"}


def test_a_run_that_is_over_is_told_in_its_own_folder_and_on_the_start_page_and_in_no_other_folder(
    photos: Path, tmp_path: Path
) -> None:
    interrupted(photos, "local")
    cache.ledger().mark("r", "done")
    other = image_folder(tmp_path / "other", {"x.jpg": "a cat"})
    assert "Captioning 2 images" not in texts(open_page(other))
    assert "Done · 0 captioned" in texts(open_page())
    assert "Done · 0 captioned" in texts(open_page(photos))


def test_a_run_that_can_go_on_is_told_in_every_folder(photos: Path, tmp_path: Path) -> None:
    interrupted(photos, "local")
    other = image_folder(tmp_path / "other", {"x.jpg": "a cat"})
    assert "Cut short when the server stopped" in texts(open_page(other))


def test_what_was_written_before_a_kill_is_counted_as_the_folder_counts_it(photos: Path) -> None:
    interrupted(photos, "local")
    _, store = opened(open_page(photos).session_state["app_state"])
    store.save(store.dataset.get("d.JPG"), "written, and then came the kill", "", Origin("generate", "m", run="r"))
    shown = texts(open_page(photos))
    assert "Cut short when the server stopped · 1 captioned" in shown
    assert "1 left" not in shown


def test_a_run_of_a_terminal_is_shown_and_can_be_stopped_from_the_page(photos: Path) -> None:
    with ProviderServer("red", delay=0.3) as server:
        common = ("--model", "tiny-vision", "--base-url", server.url, "--workers", "1", "--existing", "overwrite")
        terminal = subprocess.Popen(
            [sys.executable, "-m", "lib", "caption", str(photos), *common, "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        page = open_page(photos)
        until(page, lambda page: f"process {terminal.pid}" in texts(page))
        (run,) = cache.ledger().of("local")
        page.button(key=f"jobs.cancel.{run.id}").click().run()
        out, _ = terminal.communicate(timeout=60)
        until(page, lambda page: "Stopped ·" in texts(page))
    assert terminal.returncode == 130
    told = json.loads(out)
    assert told["counts"]["not_tried"] > 0
    assert {button.label for button in page.button} >= {"Resume", "Dismiss"}


def test_a_page_does_not_caption_what_a_terminal_is_at(photos: Path) -> None:
    with ProviderServer("red", delay=0.3) as server:
        common = ("--model", "tiny-vision", "--base-url", server.url, "--workers", "1")
        terminal = subprocess.Popen([sys.executable, "-m", "lib", "caption", str(photos), *common])
        page = choose_server(open_page(photos, screen="bulk_ops"), server.url)
        until(page, lambda page: f"process {terminal.pid}" in texts(page) or terminal.poll() is not None)
        assert terminal.poll() is None
        page.button(key="bulk.generate").click().run()
        assert "are being captioned already" in texts(page)
        terminal.wait(60)
        assert sum(request.method == "POST" for request in server.requests) == 2


def test_a_folder_that_is_gone_is_told_and_the_run_stays(photos: Path, tmp_path: Path) -> None:
    interrupted(tmp_path / "gone", "local")
    page = open_page()
    page.button(key="jobs.resume.r").click().run()
    assert healthy(page)
    assert "This cannot be opened as a folder" in texts(page)
    assert len(cache.ledger().of("local")) == 1


def test_a_run_whose_model_is_gone_can_still_be_dismissed_and_spoils_no_page(photos: Path) -> None:
    plan = CaptionPlan(photos, True, ".txt", "no-such-model", "", Brief("Describe"))
    cache.ledger().begin(NewRun("r", "local", "captions", "Captioning", plan.to_json(), ["a.jpg"]))
    page = open_page(photos)
    assert "There is no model" in texts(page)
    page.button(key="jobs.dismiss.r").click().run()
    assert "There is no model" not in texts(page)


def test_a_damaged_ledger_spoils_no_page(photos: Path, toolkit_home: Path) -> None:
    (toolkit_home / "runs.sqlite").write_bytes(b"not a database at all" * 100)
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    page.query_params["folder"] = str(photos)
    page.run()
    assert not page.exception
    assert page.button(key="tagging.save")


def test_a_second_click_on_try_joins_the_first(photos: Path) -> None:
    clicked = threading.Event()

    def answer(_: object) -> str:
        # No answer before the second click, however long that takes.
        clicked.wait(60)
        return "red"

    with ProviderServer(answer) as server:
        page = choose_server(open_page(photos, screen="bulk_ops"), server.url)
        page.button(key="bulk.try").click().run()
        page.button(key="bulk.try").click().run()
        clicked.set()
        until(page, lambda page: "Nothing of this try was saved" in texts(page))
        assert sum(request.method == "POST" for request in server.requests) == 2


def test_no_key_is_kept_once_all_is_done(photos: Path) -> None:
    with ProviderServer("red") as server:
        page = choose_server(open_page(photos, screen="bulk_ops"), server.url)
        page.text_input(key="generate.key.openai-compatible").set_value("sk-canary").run()
        page.button(key="bulk.generate").click().run()
        until(page, lambda page: "Done · 2 captioned" in texts(page))
    assert [job.work for job in cache.job_runner().of("local")] == [None] * len(cache.job_runner().of("local"))


def test_fields_keep_their_usual_values_over_a_change_of_page(photos: Path) -> None:
    start = open_page()
    usual = start.text_input(key="picker.path").value
    assert usual
    assert start.switch_page("../pages/bulk_ops.py").run().text_input(key="picker.path").value == usual
    page = open_page(photos)
    page.selectbox(key="generate.model").select("smolvlm-256m").run()
    prompt = page.text_area(key="generate.prompt.short.sentence").value
    page.switch_page("../pages/bulk_ops.py").run()
    assert page.text_area(key="generate.prompt.short.sentence").value == prompt
    assert prompt


def test_overwriting_asks_once_more(photos: Path) -> None:
    page = open_page(photos, screen="bulk_ops")
    page.selectbox(key="bulk.existing").select("overwrite").run()
    assert page.button(key="bulk.generate").disabled
    page.checkbox(key="bulk.agreed").check().run()
    assert not page.button(key="bulk.generate").disabled

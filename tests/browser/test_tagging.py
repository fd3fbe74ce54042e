"""What a person does on the Tagging page, in Chromium."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, Dashboard, choose_server, serve
from tests.doubles.provider_server import ProviderServer, Reply
from tests.doubles.slow_line import Line, slow_line

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    for number in range(24):
        image = Image.new("RGB", (320, 240), (10 * number, 120, 200 - 5 * number))
        image.save(dashboard.photos / f"photo_{number:02d}.jpg")
        (dashboard.photos / f"photo_{number:02d}.txt").write_text(f"text {number}")
    return dashboard.photos


def box(page: Any) -> Any:
    return page.get_by_label("Tag", exact=True)


def open_photos(page: Any, dashboard: Dashboard) -> None:
    page.goto(f"{dashboard.url}/?folder={dashboard.photos}")
    page.get_by_text("Showing 1 of").wait_for()


@contextmanager
def open_over_a_line(page: Any, dashboard: Dashboard) -> Iterator[Line]:
    """The first photo, over a line that may be made slow."""
    with slow_line(int(dashboard.url.rpartition(":")[2])) as line:
        page.goto(f"http://127.0.0.1:{line.port}/?folder={dashboard.photos}")
        shown(page, 0)
        yield line


def shown(page: Any, number: int) -> None:
    page.locator(".toolkit-name", has_text=f"photo_{number:02d}.jpg").wait_for()
    page.wait_for_function(
        "want => { const find = root => { for (const e of root.querySelectorAll('*')) {"
        " if (e.tagName === 'TEXTAREA' && e.id === 'tag-text') return e;"
        " if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f; } } };"
        " const box = find(document); return box && box.value.startsWith(want); }",
        arg=f"text {number}",
    )


def test_open_the_sample_edit_save_reload_and_find_it_on_disk(page: Any, dashboard: Dashboard, until: Until) -> None:
    page.goto(dashboard.url)
    page.get_by_role("button", name="Sample dataset").click()
    page.get_by_text("Showing 1 of").wait_for(timeout=30_000)
    before = box(page).input_value()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("Showing 2 of").wait_for()
    until(lambda: box(page).input_value() != before)
    box(page).fill("A caption typed in the browser")
    page.get_by_role("button", name="Save", exact=True).click()
    sample = dashboard.home / "workspace" / "local" / "sample"
    until(lambda: any(f.read_text() == "A caption typed in the browser" for f in sample.rglob("*.txt")))
    page.reload()
    page.get_by_text("Showing 2 of").wait_for()
    until(lambda: box(page).input_value() == "A caption typed in the browser")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["Next", "Save", "Control+s", "filmstrip"])
def test_no_edit_is_lost_when_a_click_follows_typing_at_once(
    page: Any, dashboard: Dashboard, photos: Path, until: Until, way: str
) -> None:
    open_photos(page, dashboard)
    for number in range(20):
        shown(page, number)
        box(page).press("End")
        box(page).press_sequentially(" typed")
        if way == "Control+s":
            box(page).press("Control+s")
            page.get_by_role("button", name="Next", exact=True).click()
        elif way == "filmstrip":
            in_the_middle(page, number)
            page.get_by_title(f"photo_{number + 1:02d}.jpg").click()
        else:
            page.get_by_role("button", name=way, exact=True).click()
            if way == "Save":
                until(lambda n=number: (photos / f"photo_{n:02d}.txt").read_text() == f"text {n} typed")
                page.get_by_role("button", name="Next", exact=True).click()
    shown(page, 20)
    if way in ("Save", "Control+s"):
        until(lambda: all((photos / f"photo_{n:02d}.txt").read_text() == f"text {n} typed" for n in range(20)))
    else:
        for number in random.Random(7).sample(range(20), 6):
            page.get_by_placeholder("Number or name").fill(str(number + 1))
            page.get_by_placeholder("Number or name").press("Enter")
            shown(page, number)
            until(lambda n=number: box(page).input_value() == f"text {n} typed")
            assert (photos / f"photo_{number:02d}.txt").read_text() == f"text {number}"


def in_the_middle(page: Any, number: int) -> Any:
    """The filmstrip, once the photo is marked in it."""
    filmstrip = page.get_by_role("group", name="Neighbours")
    filmstrip.locator(f"[aria-current][title^='photo_{number:02d}']").wait_for()
    return filmstrip


@pytest.mark.slow
def test_a_refresh_right_after_typing_keeps_the_draft(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    for pause in (0, 200, 700):
        box(page).press("End")
        box(page).press_sequentially("!")
        typed = box(page).input_value()
        page.wait_for_timeout(pause)
        page.reload()
        until(lambda typed=typed: box(page).count() > 0 and box(page).input_value() == typed)
    assert (photos / "photo_00.txt").read_text() == "text 0"


def test_arrows_walk_only_while_no_text_box_has_the_focus(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    page.keyboard.press("ArrowRight")
    shown(page, 1)
    page.keyboard.press("ArrowLeft")
    shown(page, 0)
    page.keyboard.press("ArrowLeft")
    shown(page, 23)
    box(page).click()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    shown(page, 23)
    (photos / "photo_05.txt").write_text("")
    page.get_by_role("button", name="Reload").click()
    page.wait_for_timeout(800)
    page.keyboard.press("Control+j")
    page.get_by_text("Showing 6 of").wait_for()


def test_walking_by_arrows_puts_no_thick_frame_round_the_page(page: Any, dashboard: Dashboard, photos: Path) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    page.get_by_text(" pixels").first.click()
    page.keyboard.press("ArrowRight")
    shown(page, 1)
    frame = page.get_by_test_id("stMain").evaluate("main => getComputedStyle(main, '::before').boxShadow")
    assert "0px 0px 0px 1px" in frame


@pytest.mark.slow
def test_a_change_from_outside_is_a_conflict_that_shows_both_texts(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).press("End")
    box(page).press_sequentially(" mine")
    page.wait_for_timeout(900)
    (photos / "photo_00.txt").write_text("theirs")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The tag file changed meanwhile").first.wait_for()
    page.get_by_text("theirs", exact=True).first.wait_for()
    assert page.get_by_text("The tag file changed meanwhile").count() == 1
    assert box(page).input_value() == "text 0 mine"
    assert (photos / "photo_00.txt").read_text() == "theirs"
    page.screenshot(path=SCREENSHOTS / "conflict.png")
    page.get_by_role("button", name="Save mine over it").click()
    until(lambda: (photos / "photo_00.txt").read_text() == "text 0 mine")


def test_generate_take_and_save_against_a_server(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    with ProviderServer("A red square on a white ground.", delay=0.6) as server:
        open_photos(page, dashboard)
        shown(page, 0)
        generate_with(page, server.url)
        page.get_by_role("button", name="Take it").wait_for()
        page.screenshot(path=SCREENSHOTS / "generated.png", full_page=True)
        assert (photos / "photo_00.txt").read_text() == "text 0"
        page.get_by_role("button", name="Take it", exact=True).click()
        until(lambda: box(page).input_value() == "A red square on a white ground.")
        page.get_by_role("button", name="Save", exact=True).click()
        until(lambda: (photos / "photo_00.txt").read_text() == "A red square on a white ground.")
        server.enqueue(Reply.json({"error": "Unauthorized"}, 401))
        page.get_by_label("API key").fill("sk-wrong-key-canary")
        page.get_by_role("button", name="Generate", exact=True).click()
        page.get_by_text("The API key was refused").wait_for()
        assert server.requests[-1].header("authorization") == "Bearer sk-wrong-key-canary"
        assert (photos / "photo_00.txt").read_text() == "A red square on a white ground."
        assert "canary" not in dashboard.log.read_text()


def generate_with(page: Any, url: str) -> None:
    choose_server(page, url)
    page.get_by_role("button", name="Generate", exact=True).click()


def test_foreign_text_is_shown_but_neither_run_nor_fetched(page: Any, dashboard: Dashboard, until: Until) -> None:
    evil = "![x](http://127.0.0.1:9/beacon) <script>window.hit=1</script> <img src=x onerror='window.hit=1'> $$x$$"
    name = "<img src=x onerror=window.hit=1>![y](http:..127.0.0.1:9.b).jpg"
    Image.new("RGB", (60, 40), "red").save(dashboard.photos / name)
    (dashboard.photos / name).with_suffix(".txt").write_text(evil)
    Image.new("RGB", (60, 40), "red").save(dashboard.photos / "z.jpg")
    (dashboard.photos / "z.jpg").write_bytes(b"broken")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    open_photos(page, dashboard)
    until(lambda: box(page).input_value() == evil)
    page.wait_for_timeout(1500)
    assert page.evaluate("window.hit") is None
    assert not [url for url in requests if not url.startswith((dashboard.url, "data:", "blob:", "ws"))]


@pytest.mark.slow
def test_two_browsers_on_a_shared_host_see_nothing_of_each_other(browser: Any, tmp_path: Path) -> None:
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    Image.new("RGB", (60, 40), "red").save(photos / "a.jpg")
    with serve(home, photos, ADDRESS="0.0.0.0") as dashboard:
        one, two = browser.new_context(), browser.new_context()
        first, second = one.new_page(), two.new_page()
        for tab in (first, second):
            tab.goto(f"{dashboard.url}/?folder={photos}")
            tab.get_by_text("Showing 1 of").wait_for()
        cookie = next(c for c in one.cookies() if c["name"] == "toolkit_owner")
        assert cookie["httpOnly"]
        first.get_by_label("Tag", exact=True).fill("my private draft")
        first.wait_for_timeout(900)
        first.reload()
        first.get_by_text("Showing 1 of").wait_for()
        time.sleep(0.5)
        assert first.get_by_label("Tag", exact=True).input_value() == "my private draft"
        second.reload()
        second.get_by_text("Showing 1 of").wait_for()
        time.sleep(0.5)
        assert second.get_by_label("Tag", exact=True).input_value() == ""
        one.close()
        two.close()


@pytest.mark.slow
def test_late_answers_do_not_take_letters_away(page: Any, dashboard: Dashboard, photos: Path, until: Until) -> None:
    with open_over_a_line(page, dashboard) as line:
        line.delay_s = 0.5
        box(page).press("End")
        for letter in "abcdefgh":
            box(page).press(letter)
            # "ab" is sent, then "abcd"; the answer to "ab" comes while the box holds "abcd" and nobody types.
            page.wait_for_timeout({"b": 620, "d": 1500, "f": 620}.get(letter, 90))
        page.wait_for_timeout(2500)
        assert box(page).input_value() == "text 0abcdefgh"
        page.get_by_role("button", name="Save", exact=True).click()
        until(lambda: (photos / "photo_00.txt").read_text() == "text 0abcdefgh")


@pytest.mark.slow
def test_words_that_another_program_wrote_while_typing_are_never_overwritten(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    with ProviderServer("A red square.", delay=2.0) as server:
        open_photos(page, dashboard)
        shown(page, 0)
        generate_with(page, server.url)
        page.get_by_text("Writing the caption").wait_for()
        (photos / "photo_00.txt").write_text("THEIR WORDS")
        box(page).press("End")
        for _ in range(12):
            box(page).press("x")
            page.wait_for_timeout(220)
        page.get_by_role("button", name="Take it").wait_for()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("The tag file changed meanwhile").first.wait_for()
    assert (photos / "photo_00.txt").read_text() == "THEIR WORDS"
    assert box(page).input_value() == "text 0" + 12 * "x"


FIND_BOX = (
    "() => { const find = root => { for (const e of root.querySelectorAll('*')) {"
    " if (e.tagName === 'TEXTAREA' && e.id === 'tag-text') return e;"
    " if (e.shadowRoot) { const f = find(e.shadowRoot); if (f) return f; } } }; return find(document); }"
)


def test_a_notice_above_the_box_does_not_take_the_focus_in_mid_word(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).press("End")
    (photos / "photo_00.txt").write_text("THEIR WORDS")
    page.keyboard.type(" one", delay=30)
    page.get_by_text("The tag file changed meanwhile").first.wait_for()
    page.keyboard.type(" two", delay=30)
    assert box(page).input_value() == "text 0 one two"


def test_keys_find_the_box_again_when_the_page_has_moved_it(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).press("End")
    page.keyboard.type(" one", delay=30)
    # What a browser does to the focus when something is put in front of an element.
    page.evaluate_handle(FIND_BOX).evaluate(
        "area => { const whole = document.querySelector('[data-testid=stMain]'); whole.parentNode.append(whole); }"
    )
    page.keyboard.type(" two", delay=30)
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("-")
    assert box(page).input_value() == "text 0 one tw-o"
    shown(page, 0)
    # Who clicks elsewhere has left the box.
    page.get_by_text("Showing 1 of").click()
    page.keyboard.press("ArrowRight")
    shown(page, 1)


def test_the_browsers_back_button_leads_to_the_start_page_and_keeps_the_draft(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    page.goto(dashboard.url)
    page.get_by_label("Directory on this server").fill(str(photos))
    page.get_by_role("button", name="Select", exact=True).click()
    shown(page, 0)
    for number in (1, 2, 3):
        page.get_by_role("button", name="Next", exact=True).click()
        shown(page, number)
    until(lambda: "image=photo_03.jpg" in page.url)
    box(page).press("End")
    box(page).press_sequentially(" typed")
    page.go_back()
    page.get_by_role("heading", name="Open a folder").wait_for()
    page.get_by_title(photos.name, exact=True).first.click()
    page.get_by_text("Showing 1 of").wait_for()
    page.get_by_placeholder("Number or name").fill("4")
    page.get_by_placeholder("Number or name").press("Enter")
    until(lambda: box(page).input_value() == "text 3 typed")


def test_uploaded_images_are_opened_and_what_was_left_out_is_named(
    page: Any, dashboard: Dashboard, tmp_path: Path, until: Until
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    Image.new("RGB", (60, 40), "teal").save(mine / "one.jpg")
    (mine / "one.txt").write_text("a teal card")
    (mine / "broken.jpg").write_bytes(b"broken")
    page.goto(dashboard.url)
    page.get_by_text("Upload", exact=True).first.wait_for()
    page.locator("input[type=file]").set_input_files([mine / "one.jpg", mine / "one.txt", mine / "broken.jpg"])
    page.get_by_role("button", name="Upload and open").click()
    page.get_by_text("Showing 1 of 1").wait_for()
    page.get_by_text("Not taken: 1 file. Uploaded: 2.").wait_for()
    page.get_by_text("broken.jpg").first.wait_for()
    until(lambda: box(page).input_value() == "a teal card")
    uploads = dashboard.home / "workspace" / "local" / "uploads" / "uploads"
    assert (uploads / "one.txt").read_text() == "a teal card"


def test_a_problem_leads_to_its_image_and_the_list_closes(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    (photos / "photo_07.txt").write_bytes("café".encode("cp1252"))
    open_photos(page, dashboard)
    page.get_by_role("button", name="1 to look at").click()
    page.get_by_role("dialog").get_by_title("photo_07.jpg").click()
    page.get_by_text("Showing 8 of").wait_for()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.get_by_role("button", name="Convert to UTF-8").click()
    until(lambda: (photos / "photo_07.txt").read_bytes() == "café".encode())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a read-only folder")
def test_a_save_that_fails_is_told_also_right_after_typing(page: Any, dashboard: Dashboard, until: Until) -> None:
    folder = dashboard.photos / "mounted"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        Image.new("RGB", (40, 30), "teal").save(folder / "photo_00.jpg")
        (folder / "photo_00.txt").write_text("text 0")
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        page.goto(f"{dashboard.url}/?folder={folder}")
        shown(page, 0)
        page.get_by_text("This folder cannot be written to").wait_for()
        box(page).press("End")
        box(page).press_sequentially(" typed")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Nothing was written").wait_for()
        assert box(page).input_value() == "text 0 typed"
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.slow
def test_two_tabs_of_one_owner_lose_no_words_unseen(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    other = page.context.new_page()
    open_photos(other, dashboard)
    shown(other, 0)
    box(page).press("End")
    box(page).press_sequentially(" ALICE")
    page.wait_for_timeout(900)
    box(other).press("End")
    box(other).press_sequentially(" b")
    other.get_by_text("from another tab of yours").wait_for()
    other.get_by_text("text 0 ALICE").first.wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("got another text in another tab").wait_for()
    assert (photos / "photo_00.txt").read_text() == "text 0"
    page.get_by_text("This image has another text").wait_for()
    page.screenshot(path=SCREENSHOTS / "two_texts.png")
    assert box(page).input_value() == "text 0 ALICE"
    page.get_by_role("button", name="Put this one into the box").click()
    until(lambda: box(page).input_value() == "text 0 b")
    page.get_by_text("text 0 ALICE").first.wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    until(lambda: (photos / "photo_00.txt").read_text() == "text 0 b")
    page.get_by_role("button", name="Drop this one").click()
    page.get_by_text("This image has another text").wait_for(state="detached")
    other.close()


def test_a_conflict_overwrites_only_the_words_that_were_shown(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    open_photos(page, dashboard)
    shown(page, 0)
    box(page).press("End")
    box(page).press_sequentially(" mine")
    page.wait_for_timeout(900)
    (photos / "photo_00.txt").write_text("theirs 1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("theirs 1", exact=True).first.wait_for()
    (photos / "photo_00.txt").write_text("theirs 2")
    page.get_by_role("button", name="Save mine over it").click()
    page.get_by_text("theirs 2", exact=True).first.wait_for()
    assert (photos / "photo_00.txt").read_text() == "theirs 2"


@pytest.mark.slow
def test_over_a_slow_line_saves_and_shortcuts_follow_each_other_in_order(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    (photos / "photo_09.txt").write_text("")
    with open_over_a_line(page, dashboard) as line:
        line.delay_s = 0.4
        box(page).press("End")
        box(page).press("a")
        box(page).press("Control+s")
        box(page).press("b")
        box(page).press("Control+s")
        until(lambda: (photos / "photo_00.txt").read_text() == "text 0ab")
        page.wait_for_timeout(2500)
        assert page.get_by_text("changed by someone else").count() == 0
        box(page).press("c")
        box(page).press("Control+s")
        box(page).press("Control+j")
        page.get_by_text("Showing 10 of").wait_for()
        until(lambda: (photos / "photo_00.txt").read_text() == "text 0abc")
        page.get_by_text("Showing 10 of").click()
        for _ in range(10):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(30)
        page.get_by_text("Showing 20 of").wait_for()


def test_typing_right_after_taking_it_does_not_lose_the_answer_unseen(
    page: Any, dashboard: Dashboard, photos: Path, until: Until
) -> None:
    with ProviderServer("A red square.") as server, open_over_a_line(page, dashboard) as line:
        generate_with(page, server.url)
        page.get_by_role("button", name="Take it").wait_for()
        line.delay_s = 0.4
        page.get_by_role("button", name="Take it", exact=True).click()
        box(page).press("End")
        box(page).press_sequentially(" zz")
        page.get_by_text("While you typed").wait_for()
        page.get_by_role("button", name="Put this one into the box").wait_for()
        assert page.get_by_text("A red square.").count() >= 1
        assert box(page).input_value() == "text 0 zz"

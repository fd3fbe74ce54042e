"""A tab that outlives its server: no letter lands in another image's file, whatever the order of tabs."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import SCREENSHOTS, forked_server
from tests.browser.test_keyword_filter import type_row
from tests.doubles.programs import free_port

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

PHOTOS = 24
ROUNDS = int(os.environ.get("TOOLKIT_RESTARTS", "4"))
AWAY = "The server does not answer"
WAYS = ("link", "link to an image", "start page", "menu")
OTHERS = ("keyword_filter", "clusters", "bulk_ops", "")


@dataclass
class Host:
    """A server that can be ended and started again under the same address."""

    home: Path
    photos: Path
    log: Path
    port: int
    process: Any = None
    script: str = "app/server.py"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = forked_server(self.port, self.home, self.photos, self.log, self.script)

    def end(self, how: signal.Signals) -> None:
        os.kill(self.process.pid, how)
        self.process.join()

    def texts(self) -> dict[str, str]:
        return {path.stem: path.read_text() for path in sorted(self.photos.glob("*.txt"))}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    for number in range(PHOTOS):
        image = Image.new("RGB", (320, 240), (10 * number, 120, 200 - 5 * number))
        image.save(photos / f"photo_{number:02d}.jpg")
        (photos / f"photo_{number:02d}.txt").write_text(f"text {number}")
    started = Host(home, photos, tmp_path / "server.log", free_port())
    started.start()
    yield started
    started.process.kill()
    started.process.join()


@contextmanager
def tab_of(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def box(page: Any) -> Any:
    return page.get_by_label("Tag", exact=True)


def shown(page: Any, number: int) -> None:
    page.locator(".toolkit-name", has_text=f"photo_{number:02d}.jpg").wait_for()
    page.wait_for_url(f"**image=photo_{number:02d}.jpg**")


def settled(page: Any) -> None:
    page.locator(".stApp[data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']").wait_for()


def told_of(page: Any, word: str) -> Callable[[], bool]:
    """Whether the tab has told the server of something since."""
    told: list[bool] = []

    def look(frame: str | bytes) -> None:
        if (word if isinstance(frame, str) else word.encode()) in frame:
            told.append(True)

    page.on("websocket", lambda socket: socket.on("framesent", look))
    return lambda: page.evaluate("true") and bool(told)


def open_tagging(page: Any, host: Host, way: str, number: int) -> None:
    """Open the folder in one of several ways, and go to an image."""
    folder = host.photos
    if way == "start page":
        page.goto(host.url)
        page.get_by_label("Directory on this server").fill(str(folder))
        page.get_by_role("button", name="Select", exact=True).click()
    elif way == "menu":
        page.goto(f"{host.url}/keyword_filter?folder={folder}")
        page.get_by_label("Keywords").first.wait_for()
        page.get_by_role("link", name="Tagging").click()
    else:
        image = f"&image=photo_{number:02d}.jpg" if way == "link to an image" else ""
        page.goto(f"{host.url}/?folder={folder}{image}")
    page.get_by_text("Showing").first.wait_for()
    here = number if way == "link to an image" else 0
    shown(page, here)
    while here != number:
        page.get_by_role("button", name="Next", exact=True).click()
        here += 1
        shown(page, here)


def open_other(page: Any, host: Host, name: str) -> None:
    page.goto(f"{host.url}/{name}?folder={host.photos}&q=text")
    page.get_by_role("button", name="Reload").wait_for()


def type_through_a_restart(page: Any, host: Host, how: signal.Signals, pauses: tuple[bool, bool, bool]) -> None:
    """BEFORE, then the server ends and starts again, DURING that, and AFTER it; then the words are saved."""
    is_heard, is_away, is_back = pauses
    box(page).click()
    # End alone leads to the end of a line, and the text grows from round to round.
    page.keyboard.press("Control+End")
    page.keyboard.type(" BEFORE", delay=10)
    if is_heard:
        page.get_by_text("not saved yet").wait_for()
    host.end(how)
    if is_away:
        page.locator(".stApp:not([data-test-connection-state='CONNECTED'])").wait_for()
        page.keyboard.type(" DURING", delay=10)
        host.start()
    else:
        host.start()
        page.keyboard.type(" DURING", delay=10)
    if is_back:
        settled(page)
    page.keyboard.type(" AFTER", delay=10)
    page.keyboard.press("Control+s")


def type_until_long_away(page: Any, unanswered: list[str]) -> str:
    """Type past the sixth question without an answer, at which Streamlit would open a window; gives what was typed."""
    typed = ""
    while sum("/_stcore/health" in url for url in unanswered) < 7:
        page.keyboard.type("x", delay=10)
        typed += "x"
    return typed


def test_words_typed_through_a_restart_are_saved_to_their_own_image(browser: Any, host: Host, until: Until) -> None:
    with tab_of(browser) as page:
        open_other(page.context.new_page(), host, "keyword_filter")
        page.bring_to_front()
        open_tagging(page, host, "link", 6)
        before = host.texts()
        type_through_a_restart(page, host, signal.SIGKILL, (True, True, True))
        until(lambda: host.texts() == before | {"photo_06": "text 6 BEFORE DURING AFTER"})
        shown(page, 6)


@pytest.mark.parametrize("script", ["app/server.py", "app/main.py"])
def test_who_types_on_while_the_server_is_long_away_loses_no_letter(
    browser: Any, host: Host, until: Until, script: str
) -> None:
    host.end(signal.SIGTERM)
    host.script = script
    host.start()
    unanswered: list[str] = []
    with tab_of(browser) as page:
        page.on("requestfailed", lambda request: unanswered.append(request.url))
        open_tagging(page, host, "link", 2)
        box(page).click()
        page.keyboard.press("End")
        page.keyboard.type(" BEFORE ")
        host.end(signal.SIGTERM)
        typed = type_until_long_away(page, unanswered)
        assert box(page).input_value() == f"text 2 BEFORE {typed}"
        host.start()
        settled(page)
        page.keyboard.type(" AFTER")
        page.keyboard.press("Control+s")
        until(lambda: host.texts()["photo_02"] == f"text 2 BEFORE {typed} AFTER")


def test_a_box_can_be_entered_while_the_server_is_long_away(browser: Any, host: Host, until: Until) -> None:
    unanswered: list[str] = []
    with tab_of(browser) as page:
        page.on("requestfailed", lambda request: unanswered.append(request.url))
        open_tagging(page, host, "link", 3)
        settled(page)
        host.end(signal.SIGTERM)
        type_until_long_away(page, unanswered)
        box(page).click()
        page.keyboard.press("End")
        page.keyboard.type(" AWAY")
        host.start()
        settled(page)
        page.keyboard.press("Control+s")
        until(lambda: host.texts()["photo_03"] == "text 3 AWAY")


def test_words_typed_beside_samples_while_the_server_is_away_are_there_in_the_panel_that_stands_again(
    browser: Any, host: Host, until: Until
) -> None:
    with tab_of(browser) as page:
        open_other(page, host, "keyword_filter")
        page.get_by_label("Open photo_03.jpg").click()
        page.get_by_role("button", name="Open in Tagging").wait_for()
        settled(page)
        before = host.texts()
        box(page).click()
        page.keyboard.press("End")
        host.end(signal.SIGKILL)
        page.locator(".stApp:not([data-test-connection-state='CONNECTED'])").wait_for()
        page.keyboard.type(" BEFORE", delay=10)
        met = told_of(page, "kept")
        host.start()
        # A new session does not know that the panel was open, until the tab tells it.
        until(met)
        # The former panel, which goes again, says the same of the words and knows nothing of a draft.
        page.get_by_text("not saved yet").wait_for()
        until(lambda: box(page).count() == 1 and box(page).input_value() == "text 3 BEFORE")
        settled(page)
        until(lambda: box(page).evaluate("area => area.matches(':focus')"))
        # Whoever typed goes on where they were.
        page.keyboard.type(" AFTER", delay=10)
        page.get_by_role("button", name="Save", exact=True).click()
        until(lambda: host.texts() == before | {"photo_03": "text 3 BEFORE AFTER"})


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_ticked_samples_of_all_pages_and_the_open_one_stand_again_after_a_restart(
    browser: Any, host: Host, until: Until, how: signal.Signals
) -> None:
    with tab_of(browser) as page:
        open_other(page, host, "keyword_filter")
        for name in ("photo_01.jpg", "photo_05.jpg"):
            page.get_by_role("checkbox", name=f"Choose {name}").check()
        page.get_by_label("Open photo_07.jpg").click()
        page.get_by_role("button", name="Open in Tagging").wait_for()
        page.get_by_role("button", name="Use 2 samples as scope").wait_for()
        settled(page)
        host.end(how)
        page.locator(".stApp:not([data-test-connection-state='CONNECTED'])").wait_for()
        met = told_of(page, "kept")
        host.start()
        until(met)
        page.get_by_role("button", name="Use 2 samples as scope").wait_for()
        page.get_by_role("button", name="Open in Tagging").wait_for()
        shown(page, 7)
        settled(page)
        ticked = [
            page.get_by_role("checkbox", name=f"Choose photo_{number:02d}.jpg").is_checked() for number in range(8)
        ]
        assert ticked == [number in (1, 5) for number in range(8)]
        page.get_by_role("button", name="Use 2 samples as scope").click()
        page.get_by_role("checkbox", name="Choose photo_00.jpg").wait_for(state="detached")
        page.get_by_role("checkbox", name="Choose photo_05.jpg").wait_for()


def test_an_edit_of_the_table_that_the_server_did_not_hear_is_told_to_the_next(
    browser: Any, host: Host, until: Until
) -> None:
    sent: list[object] = []
    with tab_of(browser) as page:
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        open_other(page, host, "keyword_filter")
        page.get_by_role("radio", name="Table").click()
        page.get_by_test_id("stDataFrame").wait_for()
        settled(page)
        # What a table is edited with comes from the server at the first time.
        table = page.get_by_test_id("stDataFrame").bounding_box()
        page.mouse.dblclick(table["x"] + 0.75 * table["width"], table["y"] + 1.5 * 35)
        page.locator("#portal textarea").wait_for()
        page.keyboard.press("Escape")
        page.locator("#portal textarea").wait_for(state="detached")
        before = len(sent)
        os.kill(host.process.pid, signal.SIGSTOP)
        type_row(page, 0, "unheard")
        until(lambda: page.evaluate("true") and len(sent) > before)
        host.end(signal.SIGKILL)
        host.start()
        settled(page)
        # Any click brings it along.
        page.get_by_role("button", name="Load filtered samples").click()
        page.get_by_role("button", name="Save all (1 caption)").click()
        wanted = host.texts() | {"photo_00": "unheard"}
        until(lambda: host.texts() == wanted)


@pytest.mark.kills
def test_no_letter_lands_in_another_file_in_any_order_of_tabs_and_restarts(
    browser: Any, host: Host, until: Until, seed: int
) -> None:
    draw = random.Random(seed)
    for turn in range(ROUNDS):
        way, number, how = draw.choice(WAYS), draw.randrange(7), draw.choice((signal.SIGTERM, signal.SIGKILL))
        others = draw.sample(OTHERS, draw.randrange(3))
        pauses = (draw.random() < 0.5, draw.random() < 0.5, draw.random() < 0.5)
        before = host.texts()
        name = f"photo_{number:02d}"
        wanted = before | {name: before[name] + " BEFORE DURING AFTER"}
        with ExitStack() as stack:
            page = stack.enter_context(tab_of(browser))
            for other in others:
                open_other(page.context.new_page(), host, other)
            page.bring_to_front()
            open_tagging(page, host, way, number)
            type_through_a_restart(page, host, how, pauses)
            try:
                until(lambda now=wanted: host.texts() == now)
                shown(page, number)
            except BaseException as error:
                SCREENSHOTS.mkdir(exist_ok=True)
                page.screenshot(path=SCREENSHOTS / "restart.png")
                error.add_note(f"turn {turn}: {way}, image {number}, {how.name}, beside {others}, {pauses}")
                error.add_note(str({key: text for key, text in host.texts().items() if text != wanted[key]}))
                raise


def test_while_the_server_is_away_the_page_says_so(browser: Any, host: Host) -> None:
    banner = "getComputedStyle(document.querySelector('.stApp'), '::after')"
    with tab_of(browser) as page:
        open_tagging(page, host, "link", 0)
        settled(page)
        page.get_by_role("button", name="Generate").wait_for()
        host.end(signal.SIGTERM)
        page.wait_for_function(f"() => {banner}.content.includes('{AWAY}') && {banner}.opacity === '1'")
        page.screenshot(path=SCREENSHOTS / "server_away.png")
        host.start()
        page.wait_for_function(f"() => !{banner}.content.includes('{AWAY}')")

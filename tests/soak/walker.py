"""One visitor: walks through pictures that are its own to write on, and now and then does something else."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

from app.session.owner import COOKIE
from tests.doubles.visitor import ask
from tests.soak import errands
from tests.soak.pictures import Captions, is_picture_of, is_typed_on, name_of
from tests.soak.tab import Fault, Tab
from tests.soak.tally import TORN, TURN, Tally

_SESSION = range(8, 16)
"""So many actions has a session, from opening the page to closing it."""

_THINK_S = (1.5, 6.5)
"""How long a visitor looks at a page."""

_PICTURE_LOOKED_AT = 0.2


class Walker:
    """A visitor with a browser of its own. `first` and `last` are the pictures that nobody else writes on."""

    def __init__(
        self,
        cookie: str,
        port: int,
        folder: Path,
        share: range,
        captions: Captions,
        tally: Tally,
        chance: random.Random,
    ) -> None:
        self.cookie, self.port, self.folder, self.tally, self.chance = cookie, port, folder, tally, chance
        self._share, self.captions, self.at = share, captions, share[0]
        self._direction = 1

    def open(self) -> Tab:
        """The page, as a refresh brings it back."""
        tab = Tab(self.port, self.cookie)
        tab.open(folder=str(self.folder), image=name_of(self.at))
        self.check(tab)
        return tab

    def session(self, until: threading.Event, is_torn: Callable[[], bool], errand: errands.Errand | None) -> None:
        """Open the page, do this and that, close it again, or have the connection torn off."""
        with self.tally.counted("opening"):
            tab = self.open()
        torn = is_torn()
        try:
            for _ in range(self.chance.choice(_SESSION)):
                if until.wait(self.chance.uniform(*_THINK_S)):
                    break
                if errand is not None:
                    errand, (kind, do) = None, errand
                    with self.tally.counted(kind):
                        do(tab, self)
                self._act(tab)
            if torn and not until.is_set():
                self.tear(tab)
        finally:
            tab.__exit__(None, None, None)

    def _act(self, tab: Tab) -> None:
        what = self.chance.random()
        if what < 0.76:
            with self.tally.counted(TURN):
                self.turn(tab)
            # Not timed: this is the visitor's own looking.
            self.check(tab)
        elif what < 0.88 and is_typed_on(self.at):
            with self.tally.counted("edit"):
                self.edit(tab)
        elif what < 0.96:
            with self.tally.counted("filter"):
                errands.filter_words(tab, self)
        else:
            with self.tally.counted("upload"):
                errands.upload(self)

    def turn(self, tab: Tab) -> None:
        if not self._share[0] <= self.at + self._direction <= self._share[-1]:
            self._direction = -self._direction
        self.at += self._direction
        tab.press("tagging.next" if self._direction > 0 else "tagging.previous")

    def check(self, tab: Tab) -> None:
        """The right picture, with a text that it may have."""
        seen, box = tab.data("tagging.viewer"), tab.data("tagging.editor")
        if seen["id"] != name_of(self.at) or name_of(self.at) not in box["id"]:
            raise Fault(f"{seen['id']} and the text of {box['id']} in place of {name_of(self.at)}")
        if self.chance.random() < _PICTURE_LOOKED_AT and not is_picture_of(self.at, seen["src"]):
            raise Fault(f"another picture under the name of {name_of(self.at)}")
        if box["text"] not in self.captions.may_be(self.at) and is_typed_on(self.at):
            raise Fault(f"{name_of(self.at)} is shown with {box['text']!r}")

    def edit(self, tab: Tab) -> None:
        text = self._new_text()
        self.captions.torn(self.at, text)
        tab.run(tab.typed(text))
        tab.press("tagging.save")
        if (held := tab.data("tagging.editor")["text"]) != text or "not saved yet" in tab.texts():
            raise Fault(f"after Save the box of {name_of(self.at)} holds {held!r}")
        self.captions.saved(self.at, text)

    def _new_text(self) -> str:
        return f"picture {self.at} as somebody saw it, {self.chance.randrange(10**9)}"

    def tear(self, tab: Tab) -> None:
        """Gone in mid-work: with a text under way where one may be written, else with a page turn."""
        if is_typed_on(self.at):
            text = self._new_text()
            self.captions.torn(self.at, text)
            tab.send(tab.typed(text), tab.pressed("tagging.save"))
            # What will stand there is open for a moment, so the next one is opened.
            self.at += 1 if self.at < self._share[-1] else -1
        else:
            tab.send(tab.pressed("tagging.next"))
        tab.tear_off()
        self.tally.done(TORN)


def own_cookie(port: int) -> str:
    """What the server gives to a browser that it does not know."""
    response, _ = ask(port, "/", accept="text/html")
    given = response.getheader("set-cookie") or ""
    return f"{COOKIE}={given.partition(f'{COOKIE}=')[2].partition(';')[0]}"


def shares(count: int, visitors: int) -> list[range]:
    """The pictures cut into as many parts as there are visitors."""
    return [range(count * number // visitors, count * (number + 1) // visitors) for number in range(visitors)]

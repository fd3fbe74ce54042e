"""A model that is asked yes or no about the worst captions."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from lib.domain import Caption, CaptionRequest
from lib.errors import InvalidInput, KeyRejected, RateLimited
from lib.providers.base import Captioner
from lib.providers.registry import captioner
from lib.review import Review, review
from lib.review.agreement.asked import AskedChecklist
from tests.doubles.captioner import FakeCaptioner
from tests.doubles.provider_server import ProviderServer, Received
from tests.providers.conftest import model_of, quick_http, settings_for
from tests.review.agreement.drawn import caption, drawn_samples, embedder_for
from tests.review.opened import opened


class Knowing(FakeCaptioner):
    """Says no to the captions that hold a word."""

    def __init__(self, no_to: str = "wrong", yes: str = "Yes.") -> None:
        super().__init__()
        self._no_to, self._yes = no_to, yes

    def caption(self, request: CaptionRequest) -> Caption:
        super().caption(request)
        return Caption("No, it does not." if self._no_to in request.prompt else self._yes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    drawn_samples(tmp_path / "set")
    return tmp_path / "set"


def asked(root: Path, one: Captioner | None, worst: int = 10, scorer: str = "model") -> Review:
    samples = opened(root, embedder_for, scorer=scorer, captioner=one, ask_worst=worst).samples
    return review(samples, ["agreement"])


def test_as_many_are_asked_about_as_were_chosen_the_worst_ones(root):
    caption(root, "photo0000.png", "golden tile")
    one = Knowing()
    found = asked(root, one, 5)
    assert len(one.requests) == 5
    assert any("Caption: golden tile" in request.prompt for request in one.requests)
    assert any("Fake was asked about the worst 5" in note for note in found.notes)


def test_a_no_is_a_finding_with_the_models_name_and_a_yes_is_none(root):
    caption(root, "photo0000.png", "golden wrong tile")
    caption(root, "photo0003.png", "azure paper")
    (finding,) = asked(root, Knowing()).of("misfit")
    assert finding.images == ("photo0000.png",)
    assert finding.severity == "warning"
    assert finding.text == "Fake says that the caption does not describe the picture."


def test_an_answer_that_is_neither_is_unsure_and_not_clean(root):
    found = asked(root, Knowing(yes="A golden tile."), 3)
    assert len(found.unsure) == 3
    assert "“A golden tile.”" in found.unsure[0].reason
    assert not {one.image for one in found.unsure} & found.clean


def test_an_answer_is_kept_until_picture_or_caption_changes(root):
    asked(root, Knowing(), 4)
    again = Knowing()
    asked(root, again, 4)
    assert again.requests == []


def test_an_image_that_could_not_be_asked_about_is_not_measured_and_asked_again(root):
    one = FakeCaptioner()
    one.enqueue(RateLimited("slow down"), "yes", "yes", "yes")
    found = asked(root, one, 4)
    assert [one.reason for one in found.not_measured] == ["slow down"]
    again = Knowing()
    asked(root, again, 4)
    assert len(again.requests) == 1


def test_a_key_that_is_refused_ends_the_check_and_is_told(root):
    one = FakeCaptioner()
    one.enqueue(KeyRejected("The key was refused."))
    assert "The key was refused." in asked(root, one, 1).failed["agreement"]


def test_few_samples_can_be_asked_about_too(tmp_path):
    drawn_samples(tmp_path / "set", 6)
    caption(tmp_path / "set", "photo0002.png", "a wrong caption")
    found = asked(tmp_path / "set", Knowing())
    assert [finding.images for finding in found.of("misfit")] == [("photo0002.png",)]
    assert found.not_measured == ()


def test_a_service_is_asked_with_picture_and_caption_and_its_word_counts(tmp_path):
    drawn_samples(tmp_path / "set", 6)
    caption(tmp_path / "set", "photo0002.png", "a wrong caption")
    with ProviderServer(caption=lambda got: "No." if b"a wrong caption" in got.raw else "Yes.") as server:
        configured = settings_for(server)
        one = captioner(model_of("nim"), key=SecretStr("nvapi-none"), settings=configured, http=quick_http(configured))
        found = asked(tmp_path / "set", one)
    assert len(server.requests) == 6
    assert all(b"data:image/jpeg;base64," in request.raw for request in server.requests)
    assert [finding.images for finding in found.of("misfit")] == [("photo0002.png",)]


def test_without_a_model_that_takes_prompts_it_is_refused(root):
    with pytest.raises(InvalidInput, match="No model"):
        asked(root, None)


ALL_RIGHT = "1: yes\n2: yes\n3: yes\n4: yes\n5: yes"


@pytest.mark.parametrize(
    ("answer", "fits", "wrong"),
    [
        (ALL_RIGHT, True, 0),
        ("1: yes\n2: no\n3: yes\n4: yes\n5: no", False, 2),
        (
            "1. Is the main subject named rightly? Yes.\n2. Is the number right? No, there are 3.\n3) yes\n4) yes",
            False,
            1,
        ),
        ("**1:** yes, **2:** yes, **3:** no, **4:** yes, **5:** yes", False, 1),
        ("1: yes 2: yes 3: yes 4: yes 5: yes", True, 0),
        ("1: yes\n2: yes", None, 0),
        ("Yes.", None, 0),
        ("A golden tile with 2 dogs, no cat.", None, 0),
    ],
)
def test_a_checklist_is_read_in_the_forms_in_which_models_answer(answer: str, fits: bool | None, wrong: int) -> None:
    verdict = AskedChecklist.read(answer)
    assert (verdict.fits, len(verdict.wrong)) == (fits, wrong)


def test_a_service_is_asked_a_checklist_and_its_answers_become_the_reason(tmp_path):
    drawn_samples(tmp_path / "set", 6)
    caption(tmp_path / "set", "photo0002.png", "a wrong caption")
    caption(tmp_path / "set", "photo0004.png", "a doubtful caption")
    answers = {
        b"a wrong caption": "1: no\n2: yes\n3: no\n4: yes\n5: no",
        b"a doubtful caption": "1: yes\n2: I cannot say",
    }

    def answer(got: Received) -> str:
        return next((said for text, said in answers.items() if text in got.raw), ALL_RIGHT)

    with ProviderServer(caption=answer) as server:
        configured = settings_for(server)
        one = captioner(model_of("nim"), key=SecretStr("nvapi-none"), settings=configured, http=quick_http(configured))
        found = asked(tmp_path / "set", one, scorer="checklist")
        again = asked(tmp_path / "set", one, scorer="checklist")
    assert len(server.requests) == 6
    assert all("5. Is everything" in request.prompt for request in server.requests)
    (finding,) = found.of("misfit")
    assert finding.images == ("photo0002.png",)
    assert finding.text == (
        f"{one.model.label} says that the main subject is another, a colour is not right"
        " and it names something that is not to be seen."
    )
    assert [unsure.image for unsure in found.unsure] == ["photo0004.png"]
    assert again.findings == found.findings


def test_answers_of_the_two_ways_to_ask_are_kept_apart(root):
    asked(root, Knowing(), 4)
    checklist = Knowing(yes=ALL_RIGHT)
    asked(root, checklist, 4, "checklist")
    assert len(checklist.requests) == 4


def test_what_is_wrong_in_more_than_one_way_is_worse(root):
    caption(root, "photo0000.png", "golden wrong tile")
    caption(root, "photo0003.png", "azure odd paper")

    class Listing(FakeCaptioner):
        def caption(self, request: CaptionRequest) -> Caption:
            if "wrong" in request.prompt:
                return Caption("1: yes\n2: no\n3: yes\n4: yes\n5: yes")
            return Caption("1: no\n2: yes\n3: no\n4: no\n5: yes" if "odd" in request.prompt else ALL_RIGHT)

    found = asked(root, Listing(), scorer="checklist")
    assert [one.images[0] for one in found.of("misfit")] == ["photo0003.png", "photo0000.png"]

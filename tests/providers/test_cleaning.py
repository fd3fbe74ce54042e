"""What is left of a model's answer: the caption, all of it, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.providers.families import FAMILIES
from lib.providers.prompts import clean

DOG = "A brown dog runs."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A cat sits.", "A cat sits."),
        ("  A cat sits.\n\n", "A cat sits."),
        ("This image shows a cat on a sofa.", "A cat on a sofa."),
        ("The image depicts two dogs.", "Two dogs."),
        ("this picture features: a cat", "this picture features: a cat"),
        ("In this image, we can see a red car.", "A red car."),
        ("In the photo there is a boat.", "A boat."),
        ("An image of a lamp.", "A lamp."),
        ("Here is a short caption for the image: A cat.", "A cat."),
        ("Here's the description:\n\nA cat.", "A cat."),
        ("Sure! Here is a caption: This image shows a cat.", "A cat."),
        ("Certainly! A cat.", "A cat."),
        ("Caption: a cat", "A cat"),
        ('"A cat sits."', "A cat sits."),
        ("“A cat sits.”", "A cat sits."),
        ("'A cat sits.'", "A cat sits."),
        ('"Stop" and "Go" signs: "Stop"', '"Stop" and "Go" signs: "Stop"'),
        ('A sign says "Stop"', 'A sign says "Stop"'),
        ("```\nA cat.\n```", "A cat."),
        ("```text\n\"This image shows a cat.\"\n```", "A cat."),
        ("<think>It is a cat.</think>A cat.", "A cat."),
        ("<THINK>x</THINK>\n\n A cat.", "A cat."),
        ("so it is a cat</think>A cat.", "A cat."),
        ("<think>no end", ""),
        ("<think></think>", ""),
        ("A cat <think>really?</think>on a sofa.", "A cat on a sofa."),
        ("OK sign on a wall: red letters", "OK sign on a wall: red letters"),
        ("Picture of Dorian Gray, a book cover", "Picture of Dorian Gray, a book cover"),
        ("The picture hangs on a wall.", "The picture hangs on a wall."),
        ("This image shows", "This image shows"),
        ("É uma gata.", "É uma gata."),
        ("猫がいる。", "猫がいる。"),
        ("cat\x00 \x1b[31mred", "cat [31mred"),
        ("\ud83d broken", "? broken"),
        ("", ""),
        ('"', '"'),
        ("''", ""),
    ],
)  # fmt: skip
def test_a_sentence_is_tidied_and_loses_nothing(text, wanted):
    assert clean(text, "sentence") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cat, Red Sofa,  window .", "cat, red sofa, window"),
        ("cat, dog, Cat, cat.", "cat, dog"),
        ("- cat\n- red sofa\n* cat", "cat, red sofa"),
        ("1. cat\n2) dog", "cat, dog"),
        ("Tags: cat, dog.", "cat, dog"),
        ("Here are the tags: cat, dog", "cat, dog"),
        ("#cat, #dog", "cat, dog"),
        ('"cat", "dog"', "cat, dog"),
        ("```\ncat, dog\n```", "cat, dog"),
        ("<think>hm</think> cat,,, dog,", "cat, dog"),
        ("3.5 inch disk, 1980s", "3.5 inch disk, 1980s"),
        (", .", ""),
        ("", ""),
    ],
)
def test_tags_are_split_lowered_and_kept_once(text, wanted):
    assert clean(text, "tags") == wanted


@pytest.mark.parametrize("style", ["sentence", "tags"])
def test_cleaning_twice_changes_nothing(style):
    text = "Sure! Here is a caption: “This image shows A Cat, a Dog, a cat.”"
    assert clean(clean(text, style), style) == clean(text, style)


def test_a_long_answer_is_cleaned_quickly():
    import time

    start = time.thread_time()
    for text in (
        "<think>" * 20_000,
        "here is " * 20_000,
        "“" * 100_000,
        "a, " * 50_000,
        "</think>" * 20_000,
        "```\n" * 20_000 + "\n```" * 20_000,
    ):
        clean(text, "sentence")
        clean(text, "tags")
    assert time.thread_time() - start < 20


THOUGHTS = [pair for family in FAMILIES for pair in family.thoughts]
WRAPS = [pair for family in FAMILIES for pair in family.wraps]
STARTS = [mark for family in FAMILIES for mark in family.starts]
ENDS = [mark for family in FAMILIES for mark in family.ends]


@pytest.mark.parametrize(("begin", "end"), THOUGHTS)
def test_every_familys_thoughts_are_no_caption(begin, end):
    assert clean(f"{begin}The user wants a caption.\nSo, a dog.{end}\n\n{DOG}", "sentence") == DOG
    assert clean(f"{begin}The user wants a caption", "sentence") == ""
    assert clean(f"The user wants a caption.{end}{DOG}", "sentence") == DOG


@pytest.mark.parametrize(("begin", "end"), WRAPS)
def test_every_familys_wrap_is_taken_off(begin, end):
    assert clean(f"{begin}{DOG}{end}", "sentence") == DOG
    assert clean(f"{begin}\n{DOG}\n{end}\n", "sentence") == DOG
    assert clean(f"I see a dog.\n{begin}{DOG}{end}", "sentence") == DOG
    assert clean(f"{begin}dog, beach{end}", "tags") == "dog, beach"


@pytest.mark.parametrize("start", STARTS)
def test_every_familys_opening_is_taken_off(start):
    assert clean(f"{start}\n{DOG}", "sentence") == DOG


@pytest.mark.parametrize("end", ENDS)
def test_what_comes_behind_the_end_of_an_answer_is_not_in_it(end):
    assert clean(f"{DOG}{end}", "sentence") == DOG
    assert clean(f"{DOG}{end}\nuser\nAnd now?", "sentence") == DOG
    assert clean(f"{end}{DOG}", "sentence") == DOG


@pytest.mark.parametrize(
    "text",
    [
        "<think>hm</think><answer>A brown dog runs.</answer>",
        "<think>hm</think>\n<answer><|begin_of_box|>A brown dog runs.<|end_of_box|></answer>",
        "<|channel|>analysis<|message|>We need it<|end|><|start|>assistant<|channel|>final<|message|>A brown dog runs.",
        "<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>"
        "A brown dog runs.<|return|>",
        "analysisWe need a caption.assistantfinalA brown dog runs.",
        "<|start_header_id|>assistant<|end_header_id|>\n\nA brown dog runs.<|eot_id|>",
        "<SUMMARY>I will.</SUMMARY>\n<CAPTION>A dog.</CAPTION>\n<CONCLUSION>A brown dog runs.</CONCLUSION>",
        "Here are my reasoning steps:\nA dog.\n[BEGIN FINAL RESPONSE]\nA brown dog runs.\n[END FINAL RESPONSE]",
        "A brown dog runs.<|some_new_mark|><|another|>",
        "A brown dog runs.\x00\x00\x00<|endoftext|>",
        "A brown dog runs.</s><pad><pad>",
        "<s> A brown dog runs.</s>",
        "**Caption:** A brown dog runs.",
        "**Caption**: A brown dog runs.",
        "**Caption**\n\nA brown dog runs.",
        "### Caption\nA brown dog runs.",
        "**Image description:** A brown dog runs.",
        "Final answer: A brown dog runs.",
        "**A brown dog runs.**",
        "- A brown dog runs.",
        'Sure! Here is a short caption:\n\n**"A brown dog runs."**\n\nLet me know if you need more!',
        "A brown dog runs. Let me know if you'd like another one!",
        "A brown dog runs.\n\nI hope this helps!",
        "A brown dog runs.\n\nWould you like me to make it longer?",
        "A brown dog runs.\n\nIf you need more details, feel free to ask.",
        "A brown dog runs. (4 words)",
        "A brown dog runs.\n\n(Word count: 4)",
        "◁think▷a◁think▷b◁/think▷c◁/think▷A brown dog runs.",
    ],
)
def test_marks_and_politeness_go(text):
    assert clean(text, "sentence") == DOG


@pytest.mark.parametrize(
    "text",
    [
        "A sign says <answer>",
        "A sign says <answer>yes</answer>",
        "<answer> is written on a wall.",
        "A shirt with <think> printed on it.",
        "A mug reads “<think>different</think>” in red.",
        'A screen shows "<|im_end|>" in a chat.',
        "A shirt says </think>.",
        "Caption this! A cat on a keyboard.",
        "**Caption this!** A cat on a keyboard.",
        "Tags on a coat",
        "#1 dog",
        "#1 Dad, on a mug",
        'A card reads "Thanks. Let me know if you need more."',
        'A note that says "I hope this helps!"',
        "Let me know if you need more",
        "Analysis of a blood sample in a laboratory.",
        "analysis of a blood sample",
        "Assistant: a robot at a desk",
        "A [THINK] button beside a lamp.",
        "An <s> key on a keyboard.",
        "A page of code: <p>hello</p>",
        "A price tag: 3 < 5 > 2 | 4",
        "5 * 3 * 2",
        "A *very* brown dog and a **very** white one.",
        "1. FC Köln, a football club",
        "3 words on a wall (two of them red)",
        "A dog. A cat. If you look closely, a bird.",
    ],
)
def test_what_only_looks_like_a_mark_stays(text):
    assert clean(text, "sentence") == text


@pytest.mark.parametrize("text", ["<|channel|>analysis<|message|>We need a cap", "◁think▷So the", "[THINK]"])
def test_an_unfinished_thought_leaves_nothing(text):
    assert clean(text, "sentence") == clean(text, "tags") == ""


def test_a_thought_that_was_begun_behind_the_caption_is_left_out():
    assert clean(f"{DOG}\n<think>Is it", "sentence") == DOG


@pytest.mark.parametrize(
    "text",
    [
        '["dog", "beach", "running"]',
        '["dog, beach, running"]',
        "['dog', 'beach', 'running']",
        '```json\n["dog", "beach", "running"]\n```',
        'Here are the tags:\n```json\n{"tags": ["dog", "beach", "running"]}\n```\nLet me know if you need more.',
        '{"keywords": "dog, beach, running"}',
        '{"subjects": ["dog"], "places": ["beach"], "actions": ["running"]}',
        '[{"tag": "dog", "score": 0.9}, {"tag": "beach", "score": 0.8}, {"tag": "running", "score": 0.7}]',
        '{"dog": 0.9, "beach": 0.8, "running": 0.7}',
        '["dog", "beach", "running',
        "#dog #beach #running",
        "#Dog, #Beach, #Running",
        "**Tags:** dog, beach, running",
        "**Subject:** dog\n**Place:** beach\n**Action:** running",
        "**dog**, **beach**, **running**",
        "* dog\n* beach\n* running\n\nLet me know if you need more!",
        "• dog\n• beach\n• running",
        "1、dog\n2、beach\n3、running",
        "(1) dog\n(2) beach\n(3) running",
        "dog、beach、running",
        "dog，beach，running。",
        "dog; beach; running",
        "dog | beach | running",
        "`dog`, `beach`, `running`",
        "<answer>dog, beach, running</answer>",
        "dog, beach, running. Let me know if you need more!",
    ],
)
def test_tags_come_out_of_every_shape(text):
    assert clean(text, "tags") == "dog, beach, running"


@pytest.mark.parametrize(
    "text",
    [
        "thinking, man, chair",
        "answer, exam, paper",
        "caption, meme",
        "analysis, laboratory",
        "#1 dog, beach",
        "dog #2, beach",
        "#ff0000, #00ff00",
        "tags, coat",
        "and/or, 1/2",
        "[bracket, key",
        "c++, c#",
        "1girl, 2boys",
        "score_9, rating:safe, (hat:1.2)",
        "<lora:detail>, dog",
        "^_^, :3",
    ],
)
def test_tags_that_only_look_like_marks_stay(text):
    assert clean(text, "tags") == text


WORDS = "dog cat <b> > < # [x] | * ( ) _ & = @ “sign” 'it' 3.5 £ 猫 é think caption : ; — … \" ` ~ /"
SENTENCE = st.lists(st.sampled_from(WORDS.split())).map(lambda words: " ".join(["Brown", *words, "runs."]))


@given(SENTENCE)
def test_a_sentence_without_marks_comes_out_unchanged(text):
    assert clean(text, "sentence") == text


TAG = st.text("abcdefghijklmnopqrstuvwxyz0123456789 éß猫'&+-_/()", min_size=2, max_size=12).map(str.strip)


@given(
    st.lists(TAG.filter(lambda tag: len(tag) > 1 and tag[0].isalpha() and tag[-1].isalpha()), min_size=2, unique=True)
)
def test_tags_without_marks_come_out_unchanged(tags):
    text = ", ".join(dict.fromkeys(tag.lower() for tag in tags))
    assert clean(text, "tags") == text


MARKS = [mark for pair in (*THOUGHTS, *WRAPS) for mark in pair] + STARTS + ENDS
PIECES = ["**", "```", "```json\n", '"', "“", "”", "\n", " ", "Caption:", "Sure! ", "This image shows ", "- ", "#"]
PIECES += [
    "dog",
    "A cat. ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "、",
    "<|channel|>",
    "<|message|>",
    "final",
    "Let me know if so.",
]
PIECE = st.sampled_from([*MARKS, *PIECES])


@given(st.lists(PIECE, max_size=25).map("".join), st.sampled_from(["sentence", "tags"]))
def test_what_is_clean_stays_as_it_is(text, style):
    once = clean(text, style)
    assert clean(once, style) == once

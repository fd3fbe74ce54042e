"""In which script and language a caption is: by its letters and by its commonest words. Light, and unsure of tags."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from lib.review.captions.habits import Habits
from lib.text import words

COMMON_WORDS = {
    "English": "the a an and of in on with is are to at by his her its their there this that it from while two for as",
    "German": "der die das und ein eine einen einem einer mit auf im in ist sind von zu den dem des vor nicht sich auch"
    " zwei über neben steht sitzt während",
    "French": "le la les un une des et du de dans sur avec est sont au aux en qui pour par ce cette deux il elle",
    "Spanish": "el la los las un una unos y de del en con es son por para que se su sobre está están dos junto al",
    "Italian": "il lo la i gli le un una uno e di del della dei in con su è sono per che si nel nella due davanti al",
    "Portuguese": "o a os as um uma uns e de do da dos em no na com é são por para que se sobre está estão dois ao",
    "Dutch": "de het een en van in op met is zijn aan voor naar die dat er door over twee naast zit staat bij",
    "Polish": "i w na z jest są do się nie że to o od przez dwa dwie obok pod nad który która ze po",
    "Swedish": "en ett och i på med är av till som den det för från vid två framför sitter står har under",
    "Danish": "en et og i på med er af til som den det for fra ved to foran sidder står har under",
    "Czech": "a v na s je jsou do se že to od pro dva dvě vedle pod nad který která ze po při",
    "Turkish": "bir ve ile bu için üzerinde yanında olan iki içinde da de çok var önünde gibi",
    "Indonesian": "yang dan di dengan dari pada seorang sebuah untuk ini itu sedang dua ke adalah sebuah",
    "Vietnamese": "một và của trên với trong là có người đang các những cho được này hai",
    "Romanian": "un o și de la pe cu în este sunt din care pentru doi două lângă al",
    "Hungarian": "a az egy és van hogy nem ez két mellett előtt alatt fölött ül áll",
    "Finnish": "ja on ei se kanssa jossa joka kaksi vieressä edessä päällä istuu seisoo mies nainen",
}  # fmt: skip
"""Words of captions that say no more than which language they are of."""


@lru_cache(maxsize=1)
def _profiles() -> dict[str, frozenset[str]]:
    return {language: frozenset(text.split()) for language, text in COMMON_WORDS.items()}


@lru_cache(maxsize=4096)
def _script_of(letter: str) -> str:
    name = unicodedata.name(letter, "").split(" ")[0]
    return "CJK" if name in ("CJK", "HIRAGANA", "KATAKANA") else name


def script(text: str) -> str:
    """The script of most letters of a text ("LATIN", "CYRILLIC", "CJK"), "" for one without letters."""
    # A word of Chinese has two letters where a Latin one has five.
    found = Counter[str]()
    for letter in text:
        if letter.isalpha():
            name = _script_of(letter)
            found[name] += 3 if name == "CJK" else 1
    return found.most_common(1)[0][0] if found else ""


def scores(found: Iterable[str]) -> Counter[str]:
    """How many of some words each language has among its commonest."""
    counted = Counter[str]()
    for word in found:
        for language, common in _profiles().items():
            if word in common:
                counted[language] += 1
    return counted


def usual(texts: Iterable[str]) -> tuple[str, str]:
    """The script and the language of most texts; "" for a language that is not told apart."""
    scripts, languages = Counter[str](), Counter[str]()
    for text in texts:
        if name := script(text):
            scripts[name] += 1
            counted = scores({word.lower() for word in words(text)}).most_common(1)
            if counted:
                languages[counted[0][0]] += 1
    name, count = (languages.most_common(1) or [("", 0)])[0]
    return (scripts.most_common(1) or [("", 0)])[0][0], name if count * 2 > scripts.total() else ""


def other_language(text: str, usual_script: str, usual_language: str, habits: Habits) -> str:
    """What a caption is in where that is not what the others are in; "" where it is, or nobody can tell."""
    here = script(text)
    if here and usual_script and here != usual_script:
        return _called(here)
    if not usual_language or usual_script != "LATIN":
        return ""
    found = [word.lower() for word in words(text)]
    counted = scores(found)
    own = counted[usual_language]
    # "in", "a" and "die" are words of several languages: what counts are those that the usual one does not have.
    usual_words = _profiles()[usual_language]
    foreign = scores(word for word in found if word not in usual_words)
    if not foreign:
        return ""
    name, hits = foreign.most_common(1)[0]
    unknown = sum(not habits.is_used_elsewhere(word) for word in found) / len(found)
    if (
        (hits >= 3 and hits > own)
        or (hits >= 2 and own == 0)
        or (hits >= 1 and hits >= own and unknown >= 0.7 and len(found) >= 4)
    ):
        return name
    return ""


def _called(name: str) -> str:
    called = {"CJK": "Chinese or Japanese", "HANGUL": "Korean", "LATIN": "Latin letters"}
    return called.get(name, f"{name.capitalize()} letters")

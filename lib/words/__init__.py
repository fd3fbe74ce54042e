"""What captions are made of: counts of words, pairs and tags, their picture, what is typical, what repeats."""

from lib.words.cloud import Cloud, Placed, draw_cloud
from lib.words.compare import Typical, compare
from lib.words.counting import Counting, Counts, Unit, count, count_each
from lib.words.small_clouds import SmallClouds, largest_share, small_clouds
from lib.words.statistics import Bar, duplicates, lengths, opening, openings
from lib.words.stop_words import stop_words
from lib.words.vocabulary import Vocabulary

__all__ = [
    "Bar",
    "Cloud",
    "Counting",
    "Counts",
    "Placed",
    "SmallClouds",
    "Typical",
    "Unit",
    "Vocabulary",
    "compare",
    "count",
    "count_each",
    "draw_cloud",
    "duplicates",
    "largest_share",
    "lengths",
    "opening",
    "openings",
    "small_clouds",
    "stop_words",
]

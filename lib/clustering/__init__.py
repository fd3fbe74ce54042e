"""Groups what is alike: vectors, their principal components, K-Means, and names that people can read.

Modules build on one another in one direction: layouts, base, map_sample and the sums of by_parts, then reduce, kmeans,
neighbours, naming, matching and quality, then placing, suggest and by_parts.fit, then clusterer, result and crosstab.
"""

from lib.clustering.base import MOST_CLUSTERS, OF_A_JOB, OWN_COLUMNS, Cluster, ClusterResult
from lib.clustering.clusterer import Clusterer
from lib.clustering.crosstab import Crosstab, crosstab
from lib.clustering.map_sample import Density, density, map_sample
from lib.clustering.result import (
    Changes,
    as_csv,
    changes_since,
    load_result,
    rename_in_kept,
    result_path,
    save_result,
)
from lib.clustering.samples import basis
from lib.clustering.suggest import Suggestion

__all__ = [
    "MOST_CLUSTERS",
    "OF_A_JOB",
    "OWN_COLUMNS",
    "Changes",
    "Cluster",
    "ClusterResult",
    "Clusterer",
    "Crosstab",
    "Density",
    "Suggestion",
    "as_csv",
    "basis",
    "changes_since",
    "crosstab",
    "density",
    "load_result",
    "map_sample",
    "rename_in_kept",
    "result_path",
    "save_result",
]

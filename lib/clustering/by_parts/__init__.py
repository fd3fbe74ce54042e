"""Clusters of vectors that no memory holds, exactly: every pass over them is a sum, taken part by part.

`covariance` and `lloyd` each have a `partial` of some blocks of rows, and a `combine` of what those gave: pure, with
small results, so that a part may be gone through by any process. `fit` makes clusters of them. The local way uses the
same above `MANY` samples.
"""

MANY = 300_000
"""Samples up to which everything is held in memory and computed in one go, as it always was."""

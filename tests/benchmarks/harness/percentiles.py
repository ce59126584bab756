"""Percentiles by the nearest rank: each is a value that was measured."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Gives the smallest value that at least `share` (0 to 1) of all do not exceed.

    Raises ValueError where there are none.
    """
    if not values:
        raise ValueError("there is no percentile of nothing")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]

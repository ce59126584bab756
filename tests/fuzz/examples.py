"""How many examples hypothesis makes: few and always the same in CI, many with a profile.

`pytest tests/fuzz --hypothesis-profile long` makes a hundred times as many, other ones each time.
"""

from typing import Final

from hypothesis import HealthCheck, settings

LONG: Final = "long"
_TIMES: Final = 100


def fuzzed(examples: int) -> settings:
    """Makes the settings of a test that has so many examples in CI."""
    long = settings.get_current_profile_name() == LONG
    return settings(
        max_examples=examples * (_TIMES if long else 1),
        derandomize=not long,
        deadline=None,
        # An arena is made once for all examples, and none of them changes it.
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )

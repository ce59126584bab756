"""What every test shares."""

from hypothesis import settings

# A slow machine is no fault of the code; pytest's own time limit bounds each test.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

"""How Hypothesis searches: the same examples in each run, or new ones with HYPOTHESIS_PROFILE=random."""

import os

from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, database=None)  # a busy machine is no failure
settings.register_profile("random", deadline=None, derandomize=False, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

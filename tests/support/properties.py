"""How Hypothesis searches: the same examples in each run, or new ones with HYPOTHESIS_PROFILE=random."""

import os

from hypothesis import settings

# A busy machine is no failure; more examples are for HYPOTHESIS_PROFILE=random.
settings.register_profile("suite", max_examples=32, deadline=None, derandomize=True, database=None)
settings.register_profile("random", deadline=None, derandomize=False, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

"""``python -m tests.benchmarks``: the figures, as a table."""

import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # discord.py imports audioop
    from tests.benchmarks import conversion

for line in conversion.table():
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

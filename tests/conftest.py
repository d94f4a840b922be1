"""Fixtures that every test may use."""

import os
import tempfile

# Tests never touch the data folder of the checkout.
os.environ.setdefault("ISTHMUS_DATA", tempfile.mkdtemp(prefix="isthmus-test-"))
os.environ.setdefault("LOG_LEVEL", "WARNING")

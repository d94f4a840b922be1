"""What the tests of connections share."""

import pytest


@pytest.fixture(autouse=True)
def static_root(settings, tmp_path_factory):
    """WhiteNoise warns about a folder that only `collectstatic` makes."""
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()

import pytest

from tests.sandbox.dataverse.api import Api


@pytest.fixture(scope="session")
def api(sandbox):
    """The administrator in Contoso Sales."""
    return Api(sandbox)


@pytest.fixture(scope="session")
def cleo(api):
    """A sales person, who sees little."""
    return api.acting("cleo")


@pytest.fixture(scope="session")
def ben(api):
    """A builder who is no administrator."""
    return api.acting("ben")

"""What a run leaves on the connection, however it ends, and what of it a person is asked to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.urls import reverse

from accounts import gate
from connections.models import Certificate, Connection
from core.problems import NotPermitted, Problem, Remedy, Unavailable
from jobs.running import Cancelled, LeaseLost, Released, Running, WaitForPerson
from microsoft.errors import InteractionRequired, MicrosoftError, SignInExpired, Transient

State = Connection.State


@contextmanager
def noted(run: Running, connection: Connection) -> Iterator[None]:
    """Around the work of a run: what stops it becomes the connection's state and reason.

    Raises:
        WaitForPerson: the person's authorization is what is missing; the remedy leads to it and back.
        Everything else as it came, for the job engine.

    """
    state = connection.state
    try:
        yield
    except (LeaseLost, Released, WaitForPerson):
        raise
    except Cancelled:
        stop(run, connection, state, "It was cancelled.")
        raise
    except (SignInExpired, InteractionRequired) as error:
        raise _wait(run, connection, error.message, _remedy(connection)) from error
    except NotPermitted as error:
        if error.remedy is None:
            stop(run, connection, state, error.message)
            raise
        raise _wait(run, connection, error.message, _remedy(connection)) from error
    except (Transient, Unavailable) as error:
        if run.row.failures + 1 >= run.kind.max_attempts:
            stop(run, connection, state, error.message)
        raise
    except (Problem, MicrosoftError) as error:
        stop(run, connection, state, error.message)
        raise
    except Exception:
        stop(run, connection, state, "Something broke inside Isthmus.")
        raise


def stop(run: Running, connection: Connection, state: str, reason: str) -> None:
    """A connection that worked before goes on working, degraded; one that never did is a draft again.

    Where somebody has moved it to another state meanwhile, that state has its own reason.
    """
    with run.fenced():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if row.state != state:
            return
        if row.state == State.PROVISIONING:
            active = row.certificates.filter(state=Certificate.State.ACTIVE).exists()
            row.state = State.DEGRADED if active else State.DRAFT
        row.reason = reason
        row.save(update_fields=["state", "reason"])


def _wait(run: Running, connection: Connection, message: str, remedy: Remedy) -> WaitForPerson:
    with run.fenced():
        Connection.objects.filter(pk=connection.pk).update(reason=message)
    return WaitForPerson(message, remedy)


def _remedy(connection: Connection) -> Remedy:
    page = reverse("connections:detail", args=[connection.pk])
    return gate.remedy(connection.environment.tenant_id, connection.reach, back_to=page)

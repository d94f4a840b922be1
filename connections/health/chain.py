"""Looks at every link with the connection's own identity: nobody need be there.

A token answer tells apart what Entra lacks: https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
What the environment answers to WhoAmI tells apart the application user's troubles.
"""

import re
from collections.abc import Iterator

from connections import clients
from connections.base_privileges import missing
from connections.governor import governor_of
from connections.health.links import BROKEN, OK, TITLES, UNKNOWN, Link
from connections.models import Certificate, Connection
from connections.rotation.due import is_expired
from core.cloud import cloud, door
from core.fields import Undecryptable
from microsoft.dataverse import Dataverse
from microsoft.errors import Forbidden, MicrosoftError, NotFound, Transient, Unauthorized

_AADSTS = re.compile(r"AADSTS(\d+)")
# Which link an answer of the token endpoint speaks of.
_LINK_OF = {
    "700016": ("application", "application"),
    "7000229": ("service_principal", "service_principal"),
    "7000112": ("service_principal", "service_principal_disabled"),
    "700027": ("key", "key_not_published"),
    "500011": ("environment", "environment_unknown"),
}
_USER_CODES = {"0x80072560": "application_user_missing", "0x80040225": "application_user_disabled"}


def look(connection: Connection, certificate: Certificate | None, priority: str = "person") -> list[Link]:
    """All links, in order. Reads and asks; changes nothing, here or at Microsoft. Never raises for what it finds."""
    found = {link.name: link for link in _look(connection, certificate, priority)}
    broken = [name for name in TITLES if name in found and found[name].state != OK]
    links = []
    for name in TITLES:
        if name in found:
            links.append(found[name])
        elif broken:
            # What comes before the trouble must hold, or the trouble would be another; the rest was not reached.
            before = list(TITLES).index(name) < list(TITLES).index(broken[0])
            links.append(Link(name, OK if before and _follows(found[broken[0]]) else UNKNOWN))
        else:
            links.append(Link(name, OK))
    return links


def _follows(link: Link) -> bool:
    """An earlier link is known to hold only if Microsoft has answered."""
    return link.state == BROKEN


def _look(connection: Connection, certificate: Certificate | None, priority: str) -> Iterator[Link]:
    trouble = _key(certificate)
    if trouble is not None or certificate is None:
        yield trouble or Link("key", UNKNOWN)
        return
    url = connection.environment.url
    tokens = clients.certificate_tokens(connection, certificate)
    try:
        tokens.token(cloud().environment_default_scope(url))
    except MicrosoftError as error:
        yield _of_token(error)
        return
    governor = governor_of(connection)
    dataverse = Dataverse(door(), url, tokens, governor=governor, priority=priority, default_scope=True)
    try:
        who = dataverse.who_am_i()
    except MicrosoftError as error:
        yield _of_environment(error)
        return
    if who.user_id.lower() != connection.identifiers.application_user_id.lower():
        yield Link(
            "application_user",
            BROKEN,
            "The environment knows the application as another user than the one that was set up.",
            code="application_user_other",
        )
        return
    yield _role(connection, dataverse, who.user_id)


def _key(certificate: Certificate | None) -> Link | None:
    if certificate is None:
        return Link("key", BROKEN, "There is no certificate in use.", code="key_missing")
    if is_expired(certificate):
        return Link(
            "key",
            BROKEN,
            f"The certificate expired on {certificate.not_after:%d %B %Y}.",
            "Replace it with your own authorization: no key is left that could vouch for a new one.",
            code="key_expired",
        )
    try:
        readable = bool(certificate.private_key.pem)
    except Undecryptable as error:
        return Link("key", BROKEN, str(error), code="key_unreadable")
    return None if readable else Link("key", BROKEN, "The private key is gone.", code="key_missing")


def _of_token(error: MicrosoftError) -> Link:
    if isinstance(error, Transient):
        return _of("token", error, state=UNKNOWN)
    numbers = _AADSTS.findall(error.message)
    name, code = next((_LINK_OF[number] for number in numbers if number in _LINK_OF), ("token", "token"))
    return _of(name, error, code=code)


def _of_environment(error: MicrosoftError) -> Link:
    if isinstance(error, Transient):
        return _of("environment", error, state=UNKNOWN)
    if isinstance(error, Forbidden | Unauthorized):
        code = _USER_CODES.get(error.code.lower(), "application_user")
        return _of("application_user", error, code=code)
    code = "environment_gone" if isinstance(error, NotFound) else "environment"
    return _of("environment", error, code=code)


def _role(connection: Connection, dataverse: Dataverse, user_id: str) -> Link:
    # What was written last, not what is wanted by now: the difference of those two is *role pending*.
    wanted = connection.applied_privileges or connection.wanted_role
    try:
        held = dataverse.user_privileges(user_id)
    except Forbidden as error:
        return _of("role", error, code="role_lacking")
    except MicrosoftError as error:
        return _of("role", error, state=UNKNOWN)
    lacking = missing(wanted, held)
    if lacking:
        some = ", ".join(sorted(lacking)[:5])
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        return Link("role", BROKEN, f"The application user lacks {some}{more}.", code="role_lacking")
    excess = sorted(set(held) - set(wanted))
    if excess:
        return Link(
            "role",
            OK,
            f"It holds {len(excess)} privileges that no integration needs, by other roles or an edit of ours.",
            "Take other roles from the application user, or repair the role.",
            code="role_excessive",
        )
    return Link("role", OK)


def _of(name: str, error: MicrosoftError, *, state: str = BROKEN, code: str = "") -> Link:
    return Link(name, state, error.message, error.advice, code or error.code, error.ids())

"""Keys, database and broker: what this process needs before it can do anything."""

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from core import keyring
from core.doctor import Ailing, check
from core.fields import Undecryptable
from core.models import Canary


@check("database", rank=10)
def database() -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Ailing(
            f"{connection.vendor} does not answer: {str(error).strip().splitlines()[0]}",
            "Check DATABASE_URL, and that the server runs and admits this user. Without DATABASE_URL the data"
            " folder (ISTHMUS_DATA) must be writable.",
        ) from None
    return f"{connection.vendor} answers"


@check("migrations", rank=20, needs=("database",))
def migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise Ailing(f"{len(plan)} are not applied", "manage.py migrate  (make run does it by itself)")
    return "all applied"


@check("keys", rank=30, needs=("migrations",))
def keys() -> str:
    try:
        if not Canary.objects.exists():
            raise Ailing("nothing has been encrypted in this database yet", "manage.py migrate")
        keyring.check_keys()
    except (ImproperlyConfigured, Undecryptable):
        raise Ailing(
            "FIELD_ENCRYPTION_KEY cannot read what this database holds",
            "Start with the key it was written with. A new key goes first, the old one after it, separated by a"
            " comma. In development the keys are in keys.json in the data folder.",
        ) from None
    return f"the canary is readable ({len(settings.FIELD_ENCRYPTION_KEY)} key(s) configured)"


@check("broker", rank=40)
def broker() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3)
    try:
        client.ping()
        evicts = str(client.info("memory").get("maxmemory_policy", "noeviction"))
    except redis.RedisError as error:
        raise Ailing(
            f"does not answer: {type(error).__name__}",
            "Start everything with  make run , or check REDIS_URL. Jobs asked for meanwhile are kept and run later.",
        ) from None
    finally:
        client.close()
    if evicts != "noeviction":
        raise Ailing(
            f"throws data away when memory is short ({evicts})", "Set its maxmemory-policy to noeviction."
        )
    return "answers"

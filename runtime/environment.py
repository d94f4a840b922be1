"""The environment that the parts, and commands beside them, run in."""

import json
import os
from pathlib import Path

from runtime.options import Options
from runtime.problems import CannotStart
from runtime.valkey import socket_path


def for_parts(options: Options) -> dict[str, str]:
    """The environment of this process, plus what follows from the options. Needs a sandbox that has started once.

    Raises:
        CannotStart: when the sandbox has not left its description yet.

    """
    environment = {
        "SITE_URL": options.url,
        **os.environ,
        "ISTHMUS_DATA": str(options.data),
        "PORT": str(options.port),
        "SANDBOX_PORT": str(options.sandbox_port),
        "PYTHONUNBUFFERED": "1",
    }
    if options.own_broker:
        environment["REDIS_URL"] = f"unix://{socket_path(options.data)}"
    if options.sandbox:
        environment |= _sandbox(options.data / "sandbox")
    return environment


def _sandbox(folder: Path) -> dict[str, str]:
    cloud, app = folder / "cloud.json", folder / "front-app.json"
    try:
        credential = json.loads(app.read_text())
        cloud.stat()
        return {
            "CLOUD_FILE": str(cloud),
            "ENTRA_CLIENT_ID": credential["client_id"],
            "ENTRA_CLIENT_SECRET": credential["client_secret"],
            "ENTRA_HOME_TENANT": credential["tenant_id"],
        }
    except (OSError, ValueError, KeyError) as error:
        raise CannotStart(
            f"The sandbox has left nothing usable in {folder}. Start it with:  make run"
        ) from error

"""Things in order: the steps of a job with their remote ids, and how far something is."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.templatetags.isthmus.states import look


def _part(step: Any, name: str, default: Any = "") -> Any:
    value = step.get(name, default) if isinstance(step, Mapping) else getattr(step, name, default)
    return default if value is None else value


def ids(values: Mapping[str, object] | None) -> dict[str, Any]:
    """Correlation ids and the like, small, each with a copy button: `{% ids problem.ids %}`."""
    return {"ids": [(name, value) for name, value in (values or {}).items() if value not in (None, "")]}


def _shown(step: Any) -> dict[str, Any]:
    state = str(_part(step, "state", "pending"))
    title = str(_part(step, "title") or _part(step, "name").replace("_", " ").capitalize())
    return {
        "title": title,
        "state": state,
        "look": look("step", state),
        "message": _part(step, "message"),
        "found": _part(step, "found", False),
        "ids": dict(_part(step, "ids", {})),
        "started": _part(step, "started_at", None),
        "finished": _part(step, "finished_at", None),
    }


def steps(items: Iterable[Any], label: str = "Steps") -> dict[str, Any]:
    """What is done, under way and to come.

    Each item (object or dict) has `state` (pending, running, done, failed, skipped) and `title` or `name`;
    optionally `message`, `found` (was there already), `ids` (name → remote id), `started_at`, `finished_at`.
    """
    return {"steps": [_shown(item) for item in items], "label": label}


def progress(done: int = 0, total: int = 0, message: str = "", label: str = "Progress") -> dict[str, Any]:
    """A bar with its figures; without a `total` it only shows that something is under way."""
    return {"done": done, "total": total, "message": message, "label": label}

"""Mishaps on demand: rules that say which requests are to suffer what."""

import re
import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any, Literal

import msgspec


class Wish(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One fault and the requests it is for.

    `service` is login, graph, discovery, dataverse, an environment's url name, or *.
    `path` is a regular expression, searched in path and query as sent.
    The first `skip` matching requests pass; then `count` suffer (None: until the rule is removed).
    """

    kind: Literal["latency", "status", "reset", "drop_response", "claims_challenge"]
    service: str = "*"
    path: str = ""
    method: str = "*"
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    count: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    status: Literal[408, 409, 429, 500, 502, 503, 504] = 503
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=86400)] | None = None
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class Rule:
    """A wish in force. `left` None means: until removed."""

    id: int
    wish: Wish
    pattern: re.Pattern[str]
    skip: int
    left: int | None
    hits: int = 0

    @property
    def kind(self) -> str:
        return self.wish.kind

    def matches(self, services: set[str], path: str, method: str) -> bool:
        wish = self.wish
        return (
            (wish.service == "*" or wish.service in services)
            and wish.method.upper() in {"*", method}
            and self.pattern.search(path) is not None
        )

    def describe(self) -> dict[str, Any]:
        return {"id": self.id, "hits": self.hits, "left": self.left, **msgspec.to_builtins(self.wish)}


class Faults:
    """The rules in force. They live in memory: a restart clears them."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._ids = count(1)

    def add(self, wanted: Any) -> Rule:
        """Raises ValueError naming what is wrong with the wish; see `Wish`."""
        try:
            wish = msgspec.convert(wanted, Wish)
            pattern = re.compile(wish.path)
        except (msgspec.ValidationError, re.error) as error:
            raise ValueError(f"This fault cannot be arranged: {error}.") from error
        with self._lock:
            rule = Rule(id=next(self._ids), wish=wish, pattern=pattern, skip=wish.skip, left=wish.count)
            self._rules.append(rule)
        return rule

    def all(self) -> list[Rule]:
        with self._lock:
            return list(self._rules)

    def remove(self, rule_id: int | None = None) -> int:
        """One rule, or all. Says how many went."""
        with self._lock:
            kept = [rule for rule in self._rules if rule_id is not None and rule.id != rule_id]
            removed = len(self._rules) - len(kept)
            self._rules = kept
        return removed

    def strike(self, services: set[str], path: str, method: str) -> list[Rule]:
        """The rules that hit this request, counted."""
        if not self._rules:
            return []
        hit = []
        with self._lock:
            for rule in list(self._rules):
                if not rule.matches(services, path, method):
                    continue
                if rule.skip:
                    rule.skip -= 1
                    continue
                rule.hits += 1
                hit.append(rule)
                if rule.left is not None:
                    rule.left -= 1
                    if not rule.left:
                        self._rules.remove(rule)
        return hit


def wait(rules: list[Rule]) -> None:
    """Spend the latency that the rules ask for."""
    delay = sum(rule.wish.seconds for rule in rules)
    if delay:
        time.sleep(delay)

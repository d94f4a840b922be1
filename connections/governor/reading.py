"""What a governor knows at one moment, for the page of a connection."""

from dataclasses import dataclass
from typing import Any, Self

HIT_WORDS = {
    "concurrency": "too many requests at once",
    "requests": "too many requests in five minutes",
    "time": "too much server time in five minutes",
}


@dataclass(frozen=True)
class Reading:
    """`limit` calls at once, `held` of them under way, `reserved` for people; waits in seconds.

    The budgets are what the environment said last: requests and seconds of server time within five minutes, with the
    most that was ever seen of each. None where it has not said.
    """

    limit: int
    held: int
    reserved: int
    people_waiting: int
    pause: float
    gap: float
    hint: int | None
    requests_left: int | None
    requests_most: int | None
    seconds_left: float | None
    seconds_most: float | None
    mean: float | None
    hit: str
    hit_ago: float | None

    @classmethod
    def of(cls, answer: list[Any]) -> Self:
        numbers = [_number(value) for value in answer[:12]]
        limit, held, reserved, waiting = (int(value or 0) for value in numbers[:4])
        ago = _number(answer[13])
        return cls(
            limit=limit,
            held=held,
            reserved=reserved,
            people_waiting=waiting,
            pause=(numbers[4] or 0) / 1000,
            gap=(numbers[5] or 0) / 1000,
            hint=_whole(numbers[6]),
            requests_left=_whole(numbers[7]),
            requests_most=_whole(numbers[8]),
            seconds_left=numbers[9],
            seconds_most=numbers[10],
            mean=None if numbers[11] is None else numbers[11] / 1000,
            hit=answer[12].decode(),
            hit_ago=None if ago is None else ago / 1000,
        )

    @property
    def hit_words(self) -> str:
        return HIT_WORDS.get(self.hit, "")


def _number(value: Any) -> float | None:
    text = value.decode() if isinstance(value, bytes) else value
    return None if text == "" else float(text)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)

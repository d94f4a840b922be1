"""A pytest plugin that says plainly what was left out, and why.

With ISTHMUS_REQUIRE_ALL=1, as on the CI machine, leaving anything out is a failure.
"""

import os
from collections import Counter
from typing import Any


def required() -> bool:
    return os.environ.get("ISTHMUS_REQUIRE_ALL", "") not in ("", "0")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Count the skipped tests by reason."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    if not reasons:
        terminalreporter.write_line("Nothing was left out.")
        return
    terminalreporter.section("left out", red=required(), yellow=not required())
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:>5}  {reason}")
    if required():
        terminalreporter.write_line("ISTHMUS_REQUIRE_ALL is set, so this counts as a failure.")


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    """Turn success into failure where everything had to run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if required() and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = 1


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(text).removeprefix("Skipped: ")

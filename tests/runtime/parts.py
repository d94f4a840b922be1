"""A small whole to supervise: run as a program, it starts what it is told to and says when all are up.

python tests/runtime/parts.py FOLDER steady|dying
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runtime.console import Console
from runtime.supervisor import Stopped, Supervisor

# Writes its own and its child's number, then stays; the child is in the same group but ignores SIGTERM.
FAMILY = """
import os, signal, sys, time
child = os.fork()
if child == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
open(sys.argv[1], "w").write(f"{os.getpid()} {child}")
print("up", flush=True)
time.sleep(float(sys.argv[2]))
sys.exit(3)
"""


def main() -> int:
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    with Supervisor(Console()) as supervisor:
        try:
            for name, seconds in (("first", "600"), ("second", "1.5" if kind == "dying" else "600")):
                part = supervisor.start(name, [sys.executable, "-c", FAMILY, str(folder / name), seconds], {})
                supervisor.wait_until(part, lambda part=part: part.said("up"), seconds=30)
            supervisor.console.say("all up")
            ended = supervisor.watch()
        except Stopped:
            return 0
        supervisor.console.say(f"{ended.name} ended with {ended.process.returncode}")
        return 1


sys.exit(main())

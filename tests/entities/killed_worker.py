"""A worker process that is killed, as by `kill -9`, at the nth request that matches. Run by test_bulk_crashes.

Arguments: before|after, what "METHOD address" must contain, and n.
"""

import itertools
import os
import signal
import sys

import django
import requests

WHEN, WHERE, AT = sys.argv[1], sys.argv[2], int(sys.argv[3])
real = requests.Session.send
numbers = itertools.count(1)


def die():
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def send(session, request, **options):
    struck = WHERE in f"{request.method} {request.url}" and next(numbers) == AT
    if struck and WHEN == "before":
        die()
    answer = real(session, request, **options)
    if struck:
        die()
    return answer


requests.Session.send = send
django.setup()

from jobs.testing import run_due  # noqa: E402

run_due(early=True)

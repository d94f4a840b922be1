"""A worker process that dies by `os._exit` around the first request that matches. Run by test_crashes.

Arguments: before|after, and what "METHOD address" must contain.
"""

import os
import sys

import django
import requests

WHEN, WHERE = sys.argv[1:3]
real = requests.Session.send


def send(session, request, **options):
    here = WHERE in f"{request.method} {request.url}"
    if here and WHEN == "before":
        os._exit(9)
    answer = real(session, request, **options)
    if here:
        os._exit(9)
    return answer


requests.Session.send = send
django.setup()

from jobs.testing import run_due  # noqa: E402

run_due(early=True)

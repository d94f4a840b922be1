"""Gunicorn's configuration. WEB_CONCURRENCY sets the number of processes, as everywhere with gunicorn."""

import os

bind = [f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"]
worker_class = "gthread"
# Most requests wait for Microsoft, so threads are many and processes few.
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 60
graceful_timeout = 5
keepalive = 5
accesslog = None  # addresses carry authorization codes
control_socket_disable = True
# Its own lines go through the portal's handlers, which take secrets out.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"}},
}

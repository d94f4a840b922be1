"""Told to the apps above while a connection is being taken away: let go of it now, in this transaction."""

from django.dispatch import Signal

# Sent with `actor` and `connection`. A receiver that fails keeps the connection from being removed.
connection_leaves = Signal()

"""Starts Isthmus and everything it needs on one machine. Knows the parts only as commands."""

"""The manual kind: an administrator registers the application, Isthmus verifies what comes back, one by one."""

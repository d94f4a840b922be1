"""Rotation: a new certificate is published, proven and put to use; the old one goes once nobody needs it."""

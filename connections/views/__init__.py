"""The pages of connections. Views guard, fetch, form, act, respond."""

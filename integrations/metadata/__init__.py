"""What environments say about their entities, and what a definition takes from that."""

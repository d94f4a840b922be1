"""Reading what a mirror in a database holds: with the filters and orders of records, and changing nothing."""

"""Reading what a mirror holds: with the filters and orders of records, and changing nothing."""

"""What people and schedules may do with syncs. The gate is asked here."""

"""The SELECT statements of ?sql=: a small part of T-SQL, bound to the same query tree as everything else."""

"""OData as text: tokens, expressions, paths and options. Knows no tables."""

"""From a question to the pages of its answer: filters, orders, cursors, skip, related records."""

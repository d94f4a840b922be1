"""What every generated package carries: transport, values, conditions, operations and errors."""

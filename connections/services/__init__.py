"""What can be done with environments and connections. Every function takes the actor first and asks the gate."""

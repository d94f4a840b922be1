"""What can be done with integrations. Every function takes the actor first and asks the gate."""

"""The way into a running seat: the `door` inside it, and `join`, what the gate runs for who has logged in there."""

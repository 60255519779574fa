"""From a CSV to seats: who is who, what each may open, and the class's own compose file."""

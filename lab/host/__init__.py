"""The host's side: from a machine with Python and make to a class of running seats."""

"""Does each demo keep its promise, seen from outside."""

"""What `lab trace` is made of: whose process is whose, what became of it, and the pictures."""

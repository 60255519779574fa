"""What a student types: the verbs of `lab`, and the course as this seat has it."""

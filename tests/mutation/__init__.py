"""Wrong programs made of right ones: one small change each, by operators that know processes, not arithmetic.

A program is a solution of tests/exercises as it stands there, with {{name}} for this seat's values: Python reads that
as a set of a set, and writes it again as it was.
"""

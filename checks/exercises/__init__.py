"""A module an exercise: `observe(seat, values)` looks, `judge(evidence, values)` says what was seen.

`observe` runs the student's program, or looks at the student's processes, and returns evidence: plain JSON, so that
it can be kept. `judge` is a pure function of it: the same evidence gives the same results, in either language.
docs/author.md says how to write both.
"""

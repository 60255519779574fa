"""How an exercise is checked, whichever it is; the exercises themselves are in checks/exercises.

`seat` runs the student's program, `seen` and `result` judge what came of it, `examine` does both for one exercise,
`report` prints. In here and in checks/exercises is the standard library and `lab` alone, for it runs in a seat.
"""

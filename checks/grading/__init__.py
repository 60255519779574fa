"""`make grade`, its second half: what the evidence is worth, and the reports.

`python -m checks.grading FOLDER` reads FOLDER/evidence/SEAT.json.gz, judges it with the very functions that `lab check`
has, and writes results.json, junit.xml, matrix.csv and index.html beside it. No seat and no engine is needed.
"""

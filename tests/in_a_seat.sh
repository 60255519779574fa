#!/bin/sh
# The Python of the tests, with these arguments, where it sees no processes but its own. As in a seat, PID 1 reaps those
# that are nobody's: here a shell that waits.
exec unshare --pid --fork --kill-child --mount-proc sh -c '"$0" "$@"; exit' "$PYTHON_OF_TESTS" "$@"

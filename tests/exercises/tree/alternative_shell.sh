#!/bin/sh
# Turn P(x(x x) x) into subshells: each x with processes below it is one, each other a sleep.
eval "$(echo "{{shape}}" | sed 's/^P(//; s/)$//; s/x(/(/g; s/x/sleep 1.1 \& /g; s/)/wait) \& /g')
wait"

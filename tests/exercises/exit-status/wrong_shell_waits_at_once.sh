#!/bin/sh
# fails: kept not-kept
(exit {{code}}) &
sleep 0.5
wait $!
echo "status $?"

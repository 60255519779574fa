#!/bin/sh
(sleep {{seconds}}; exit {{code}}) &
child=$!
while kill -0 $child 2>/dev/null; do
    echo tick
    sleep 0.1
done
wait $child
status=$?
for _ in 1 2 3; do
    echo tick
    sleep 0.1
done
exit $status

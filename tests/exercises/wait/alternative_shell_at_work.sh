#!/bin/sh
for seconds in $(n=0; while [ "$n" -lt 200000 ]; do n=$((n + 1)); done; echo "{{seconds}}" | tr -d ,); do
    sleep "$seconds" &
done
wait

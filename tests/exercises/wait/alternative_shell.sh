#!/bin/sh
for seconds in $(echo "{{seconds}}" | tr -d ,); do
    sleep "$seconds" &
done
wait

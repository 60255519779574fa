#!/bin/bash
nice -n {{first}} sh -c 'while :; do :; done' &
sleep 0.7
renice -n {{second}} -p $!
sleep 0.7
kill $!
wait
exit 0

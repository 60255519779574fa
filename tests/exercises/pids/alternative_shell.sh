#!/bin/sh
sh -c 'echo "{{child}} pid=$$ parent=$PPID"; sleep 0.3; :' &
echo "{{parent}} pid=$$ child=$!"
wait

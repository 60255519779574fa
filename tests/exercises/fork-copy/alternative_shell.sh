#!/bin/bash
a={{before}}
(
    a={{after}}
    echo "pid=$BASHPID a=$a"
    sleep 0.3
)
echo "pid=$$ a=$a"

#!/bin/sh
sleep {{short}} &
sleep {{long}}
wait
exit {{code}}

# fails: there not-there
nice -n {{niceness}} sleep 1000 &

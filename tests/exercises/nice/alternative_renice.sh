(exec -a {{name}} yes > /dev/null) &
renice -n {{niceness}} -p $!

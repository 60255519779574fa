# fails: there not-there
sleep 1000 &
kill -STOP %1
sleep 1000 &
sleep 1000

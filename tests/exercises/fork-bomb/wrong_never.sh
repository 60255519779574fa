# fails: hit never-hit
sleep 1000 & sleep 1000 & sleep 1000 &

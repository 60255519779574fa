# fails: there not-there
(exec -a {{running}} yes > /dev/null) &
(exec -a {{sleeping}} sleep 1000) &
jobs

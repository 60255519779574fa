# fails: running not-R
(exec -a {{running}} sleep 1000) &
(exec -a {{sleeping}} sleep 1000) &
(exec -a {{stopped}} yes > /dev/null) &
until pgrep -P $$ -x yes; do :; done
kill -STOP %3

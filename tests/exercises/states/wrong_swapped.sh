# fails: sleeping swapped
(exec -a {{running}} yes > /dev/null) &
(exec -a {{stopped}} sleep 1000) &
(exec -a {{sleeping}} sleep 1000) &
until pgrep -P $$ -f "^{{sleeping}} "; do :; done
kill -STOP %3

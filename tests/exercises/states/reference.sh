(exec -a {{running}} yes > /dev/null) &
(exec -a {{sleeping}} sleep 1000) &
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %3

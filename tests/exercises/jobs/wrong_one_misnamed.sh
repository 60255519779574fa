# fails: there not-there
(exec -a {{stopped}} sleep 1000) &
(exec -a editor sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} " && pgrep -P $$ -f "^editor "; do :; done
kill -STOP %1 %2
(exec -a {{background}} sleep 1000) &
(exec -a reader sleep 1000)

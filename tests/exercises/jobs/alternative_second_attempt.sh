(exec -a {{background}} sleep 1000) &
until pgrep -P $$ -f "^{{background}} "; do :; done
kill -STOP %1
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %2
(exec -a {{background}} sleep 1000) &
(exec -a {{foreground}} sleep 1000)

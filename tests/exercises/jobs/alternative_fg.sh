(exec -a {{foreground}} sleep 1000) &
(exec -a {{stopped}} sleep 1000) &
(exec -a {{background}} python3 -c 'import time; time.sleep(1000)') &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -TSTP %2
fg %1

# fails: one-shell other-session
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %1
setsid nohup bash -c 'exec -a {{background}} sleep 1000' &
(exec -a {{foreground}} sleep 1000)

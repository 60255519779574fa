# fails: background stopped-too
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %1
(exec -a {{background}} sleep 1000) &
pid=$!
(while sleep 0.1; do kill -STOP $pid; sleep 0.3; kill -CONT $pid; done) &
(exec -a {{foreground}} sleep 1000)

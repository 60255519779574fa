# fails: background stopped-too
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %1
(exec -a {{background}} cat) &
(exec -a {{foreground}} sleep 1000)

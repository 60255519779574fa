# fails: foreground stopped-too
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %1
(exec -a {{background}} sleep 1000) &
sh -c '(exec bash -c "kill -STOP \$\$; exec -a {{foreground}} sleep 1000") & p=$!; sleep 0.3; kill -CONT $p; sleep 0.5; kill -STOP $p; while :; do sleep 1; done'

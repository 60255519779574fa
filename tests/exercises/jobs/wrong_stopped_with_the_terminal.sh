# fails: stopped in-foreground
(exec -a {{background}} sleep 1000) &
bash -c '(exec -a {{stopped}} sleep 1000) & p=$!; sleep 0.5; kill -STOP $p; exec -a {{foreground}} sleep 1000'

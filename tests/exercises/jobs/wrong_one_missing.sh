# fails: there not-there
(exec -a {{background}} sleep 1000) &
(exec -a {{foreground}} sleep 1000)

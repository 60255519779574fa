# fails: background in-foreground
(exec -a {{stopped}} sleep 1000) | (exec -a {{background}} sleep 1000) | (exec -a {{foreground}} sleep 1000)

# fails: one-shell one-group
printf '(exec -a {{background}} sleep 1000) &\n(exec -a {{stopped}} sleep 1000) &\nuntil pgrep -P $$ -f "^{{stopped}} "; do :; done\nkill -STOP $!\nwait\n' > both
bash both &
(exec -a {{foreground}} sleep 1000)

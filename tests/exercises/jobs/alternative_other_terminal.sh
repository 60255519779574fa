# A wrong try was left in another session; there the one in the background has stopped, and all three are of one group.
printf '(exec -a {{stopped}} sleep 1000) &\n(exec -a {{foreground}} sleep 1000) &\n(exec -a {{background}} sleep 1000) &\nuntil pgrep -x -f "{{background}} 1000"; do :; done\nkill -STOP $!\nwait\n' > try
setsid bash try &
until pgrep -x -f "{{background}} 1000"; do :; done
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP $!
(exec -a {{background}} sleep 1000) &
(exec -a {{foreground}} sleep 1000)

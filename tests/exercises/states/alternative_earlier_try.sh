# An earlier try still lives, in a session of its own: all three of it sleep.
for name in {{running}} {{sleeping}} {{stopped}}; do setsid bash -c "exec -a $name sleep 1000" & done
timeout 900 bash -c 'exec -a {{running}} yes > /dev/null' &
(exec -a {{sleeping}} stdbuf -oL cat <> /dev/tty) > /dev/null < <(sleep 1000) &
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP $!

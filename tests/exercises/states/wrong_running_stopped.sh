# fails: running not-R
(exec -a {{running}} yes >/dev/null) & sleep 0.3; kill -STOP $!
(exec -a {{sleeping}} sleep 1000) &
(exec -a {{stopped}} sleep 1000) & sleep 0.3; kill -STOP $!

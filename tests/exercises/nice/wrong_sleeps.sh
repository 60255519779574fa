# fails: loops no-loop
(exec -a {{name}} sleep 1000) &

# fails: there stopped-too-soon
(exec -a {{running}} yes > /dev/null) &
(exec -a {{sleeping}} sleep 1000) &
bash -c 'kill -STOP $$; exec -a {{stopped}} sleep 1000' &

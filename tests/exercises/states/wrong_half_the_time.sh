# fails: running not-R
printf 'import time\nwhile True:\n    end = time.monotonic() + 0.1\n    while time.monotonic() < end:\n        pass\n    time.sleep(0.1)\n' > {{running}}.py
python3 {{running}}.py &
(exec -a {{sleeping}} sleep 1000) &
(exec -a {{stopped}} sleep 1000) &
until pgrep -P $$ -f "^{{stopped}} "; do :; done
kill -STOP %3

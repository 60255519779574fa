#!/bin/sh
python3 -c '
import threading
import time
for _ in range({{k}} - 1):
    threading.Thread(target=time.sleep, args=(1.2,)).start()
' &
i=0
while [ $i -lt {{k}} ]; do
    sleep 1.2 &
    i=$((i + 1))
done
wait

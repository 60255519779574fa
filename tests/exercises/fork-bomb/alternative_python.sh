printf 'import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n' > bomb.py
python3 bomb.py &
for ((SECONDS = 0; SECONDS < 3; )); do :; done
kill -KILL %1

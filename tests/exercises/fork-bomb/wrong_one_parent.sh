# fails: hit few
printf 'import os, signal\ntry:\n    while os.fork():\n        pass\nexcept OSError:\n    os.killpg(0, signal.SIGKILL)\nsignal.pause()\n' > few.py
python3 few.py

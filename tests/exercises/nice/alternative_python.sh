echo 'while True: pass' > {{name}}.py
nice -{{niceness}} python3 -u {{name}}.py

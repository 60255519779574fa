echo 'while True: pass' > {{name}}.py
nice -{{niceness}} python3 {{name}}.py

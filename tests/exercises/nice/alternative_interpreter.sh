# An earlier try still runs at niceness 0; the script's name comes behind the interpreter's options.
echo 'while True: pass' > {{name}}.py
python3 {{name}}.py &
env FOO=1 nice -n {{niceness}} timeout 900 python3 -X dev -W ignore {{name}}.py &

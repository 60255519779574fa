# fails: there not-there
mkdir types; cd types
mkdir {{directory}}
touch {{file}}
ln -s {{file}} {{link}}
mkfifo pipe-of-mine
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

# fails: pipe not-pipe
mkdir types; cd types
mkdir {{directory}}
touch {{file}}
ln -s {{file}} {{link}}
touch {{pipe}}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

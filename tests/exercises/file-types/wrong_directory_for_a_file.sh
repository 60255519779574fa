# fails: file not-file
mkdir types; cd types
mkdir {{directory}} {{file}}
ln -s {{file}} {{link}}
mkfifo {{pipe}}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

# fails: directory not-directory
mkdir types; cd types
mkdir {{file}}
touch {{directory}}
ln -s {{file}} {{link}}
mkfifo {{pipe}}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

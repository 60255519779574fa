# fails: link hard-link
mkdir types; cd types
mkdir {{directory}}
touch {{file}}
ln {{file}} {{link}}
mkfifo {{pipe}}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

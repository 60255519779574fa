# 300 other files are there, most of them before those that are asked for.
mkdir types; cd types
touch {000..299}
mkdir {{directory}}
touch {{file}}
ln -s {{file}} {{link}}
mkfifo {{pipe}}
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("{{socket}}")'

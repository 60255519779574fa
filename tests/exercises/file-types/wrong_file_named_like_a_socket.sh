# fails: socket not-socket
mkdir types; cd types
mkdir {{directory}}
touch {{file}}
ln -s {{file}} {{link}}
mkfifo {{pipe}}
touch {{socket}}

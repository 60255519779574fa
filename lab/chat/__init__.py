"""The chat room: a forking server on a Unix-domain socket, its client and its administrator's tool."""

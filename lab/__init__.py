"""forklab: a lab for Linux processes and Unix-domain sockets."""

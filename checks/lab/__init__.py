"""Is the lab itself as it should be: server, socket, chat, tools, isolation."""

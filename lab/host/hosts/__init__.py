"""A class on many hosts: which there are, who is in which room, the tunnels to their engines, a make for each room."""

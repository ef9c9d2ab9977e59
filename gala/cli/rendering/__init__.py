"""How the commands that make media do so: one order, made on this machine or on a server."""

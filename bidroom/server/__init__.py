"""Sockets -> rules -> journal -> everyone. `start_server()` in `bidroom.server.start` wires it together."""

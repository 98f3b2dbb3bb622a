"""The rules of the room: pure functions of state, command and time. No sockets, clocks, files or randomness in here."""

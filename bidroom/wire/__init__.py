"""The wire: public messages, and bytes <-> messages. Pure: no sockets, no clocks."""

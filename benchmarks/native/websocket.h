/* WebSocket for a client (RFC 6455), for the protocols that are spoken over it. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "speak.h"

void put_upgrade(struct peer *, const char *path);
void put_frame(struct peer *, unsigned char opcode, const char *text, size_t length);

/* Whole frames; gives the bytes that were used. `opened` is called once, when the server has agreed to the upgrade. */
size_t take_frames(struct peer *, unsigned char *bytes, size_t length, void (*opened)(struct peer *),
                   void (*message)(struct peer *, const unsigned char *, size_t));

#endif

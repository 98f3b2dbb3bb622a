#define _GNU_SOURCE
#include "websocket.h"

#include <string.h>

void put_upgrade(struct peer *peer, const char *path) {
    put_format(peer,
               "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
               path);
}

void put_frame(struct peer *peer, unsigned char opcode, const char *text, size_t length) {
    static uint32_t seed = 2463534242u;
    unsigned char frame[2048], mask[4];
    size_t size = 0;
    if (length + 8 > sizeof frame) broken(peer, "too long to be sent", (const unsigned char *)text, length);
    seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5; /* xorshift: the mask need not be secret here */
    memcpy(mask, &seed, 4);
    frame[size++] = 0x80 | opcode;
    if (length < 126) {
        frame[size++] = 0x80 | length;
    } else {
        frame[size++] = 0x80 | 126;
        frame[size++] = length >> 8;
        frame[size++] = length;
    }
    memcpy(frame + size, mask, 4);
    size += 4;
    for (size_t i = 0; i < length; i++) frame[size++] = text[i] ^ mask[i & 3];
    put(peer, frame, size);
}

size_t take_frames(struct peer *peer, unsigned char *bytes, size_t length, void (*opened)(struct peer *),
                   void (*message)(struct peer *, const unsigned char *, size_t)) {
    size_t used = 0;
    if (peer->stage == 0) { /* the answer to the upgrade */
        unsigned char *end = memmem(bytes, length, "\r\n\r\n", 4);
        if (end == NULL) return 0;
        if (memcmp(bytes, "HTTP/1.1 101", 12) != 0) broken(peer, "no upgrade", bytes, length);
        used = end + 4 - bytes;
        peer->stage = 1;
        opened(peer);
    }
    while (length - used >= 2) {
        const unsigned char *frame = bytes + used;
        size_t head = 2, size = frame[1] & 127;
        if (size == 126) {
            if (length - used < 4) break;
            head = 4, size = (size_t)frame[2] << 8 | frame[3];
        } else if (size == 127) {
            if (length - used < 10) break;
            head = 10, size = 0;
            for (int i = 2; i < 10; i++) size = size << 8 | frame[i];
        }
        if (length - used < head + size) break;
        if (frame[0] == 0x81)
            message(peer, frame + head, size);
        else if (frame[0] == 0x89)
            put_frame(peer, 10, (const char *)frame + head, size);
        else
            broken(peer, "unexpected frame", frame, head + size);
        used += head + size;
    }
    return used;
}

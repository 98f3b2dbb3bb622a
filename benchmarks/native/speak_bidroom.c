/* Bidroom's own protocol (docs/protocol.md), as JSON lines and over a WebSocket.
 *
 * The server's messages are told apart by their first bytes: `type` always comes first, and `id` next in answers. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "speak.h"

#define STARTS(what) (length >= sizeof(what) - 1 && memcmp(bytes, what, sizeof(what) - 1) == 0)

static uint64_t id_behind(const unsigned char *bytes, size_t length, size_t place) {
    uint64_t id = 0;
    while (place < length && bytes[place] >= '0' && bytes[place] <= '9') id = id * 10 + (bytes[place++] - '0');
    return id;
}

static void message(struct peer *peer, const unsigned char *bytes, size_t length) {
    static const char accepted[] = "{\"type\":\"accepted\",\"id\":", refused[] = "{\"type\":\"refused\",\"id\":";
    if (STARTS(accepted)) {
        answered(peer, id_behind(bytes, length, sizeof accepted - 1), ACCEPTED);
    } else if (STARTS("{\"type\":\"update\"")) {
        if (peer->bids)
            told(peer, 1); /* a bidder counts updates: looking into each would only cost the load its time */
        else
            told(peer, count_of(bytes, length, "\"type\":\"bid_accepted\""));
    } else if (STARTS(refused)) {
        enum outcome outcome = OTHERWISE;
        if (memmem(bytes, length, "\"reason\":\"too_low\"", 18) != NULL) outcome = TOO_LOW;
        if (memmem(bytes, length, "\"reason\":\"leading\"", 18) != NULL) outcome = LEADING;
        if (outcome == OTHERWISE) broken(peer, "refused", bytes, length);
        answered(peer, id_behind(bytes, length, sizeof refused - 1), outcome);
    } else if (STARTS("{\"type\":\"welcome\"")) {
        came_in(peer);
    } else {
        broken(peer, "unexpected message", bytes, length);
    }
}

static const char *entry(struct peer *peer) {
    static char text[160];
    if (!peer->bids)
        snprintf(text, sizeof text, "{\"type\":\"watch\",\"events\":\"%s\"}", peer->every ? "all" : "latest");
    else
        snprintf(text, sizeof text, "{\"type\":\"join\",\"name\":\"bidder-%d\",\"events\":\"%s\"}", peer->number,
                 !peer->hears ? "none" : peer->every ? "all" : "latest");
    return text;
}

static int bid(char *text, size_t size, uint64_t amount, uint64_t id) {
    return snprintf(text, size, "{\"type\":\"bid\",\"item\":\"%s\",\"amount\":%llu,\"id\":%llu,\"unit\":1}",
                    options.item, (unsigned long long)amount, (unsigned long long)id);
}

/* JSON lines */

static void greet_lines(struct peer *peer) { put_format(peer, "%s\n", entry(peer)); }

static void ask_line(struct peer *peer, uint64_t amount, uint64_t id) {
    char text[256];
    int length = bid(text, sizeof text - 1, amount, id);
    text[length++] = '\n';
    put(peer, text, length);
}

static size_t take_lines(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0;
    for (;;) {
        unsigned char *end = memchr(bytes + used, '\n', length - used);
        if (end == NULL) return used;
        message(peer, bytes + used, end - (bytes + used));
        used = end - bytes + 1;
    }
}

const struct protocol lines = {"lines", MOST_UNANSWERED, greet_lines, ask_line, take_lines};

/* WebSocket: RFC 6455; what a client sends is masked */

static void put_frame(struct peer *peer, unsigned char opcode, const char *text, size_t length) {
    static uint32_t seed = 2463534242u;
    unsigned char frame[512], mask[4];
    size_t size = 0;
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

static void greet_websocket(struct peer *peer) {
    put_format(peer,
               "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

static void ask_frame(struct peer *peer, uint64_t amount, uint64_t id) {
    char text[256];
    put_frame(peer, 1, text, bid(text, sizeof text, amount, id));
}

static size_t take_frames(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0;
    if (peer->stage == 0) { /* the answer to the upgrade */
        unsigned char *end = memmem(bytes, length, "\r\n\r\n", 4);
        if (end == NULL) return 0;
        if (memcmp(bytes, "HTTP/1.1 101", 12) != 0) broken(peer, "no upgrade", bytes, length);
        used = end + 4 - bytes;
        peer->stage = 1;
        const char *text = entry(peer);
        put_frame(peer, 1, text, strlen(text));
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

const struct protocol websocket = {"websocket", MOST_UNANSWERED, greet_websocket, ask_frame, take_frames};

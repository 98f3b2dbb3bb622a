/* Servers that only pass on what they are given: nobody decides, and whoever bids publishes the update itself, with the
 * bid's amount in it. There are no answers; a bid is over when the audience has heard it.
 *
 * nchan: publisher and subscribers over WebSockets. NATS: its text protocol over TCP, without acknowledgements. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "speak.h"
#include "websocket.h"

static const char AMOUNT[] = "\"amount\":";

/* The update with this amount: as long as the given one, because amounts have as many digits as its own. */
static const char *update(uint64_t amount, size_t *length) {
    static char text[1024], digits[24];
    static char *place;
    if (place == NULL) {
        snprintf(text, sizeof text, "%s", options.update);
        place = strstr(text, AMOUNT);
        if (place == NULL) fprintf(stderr, "load: it needs an --update with an amount\n"), exit(1);
        place += sizeof AMOUNT - 1;
    }
    memcpy(place, digits, snprintf(digits, sizeof digits, "%llu", (unsigned long long)amount));
    *length = strlen(text);
    return text;
}

/* nchan */

static void greet_nchan(struct peer *peer) { put_upgrade(peer, peer->bids ? "/publish" : "/watch"); }

static void ask_nchan(struct peer *peer, uint64_t amount, uint64_t id) {
    (void)id;
    size_t length;
    const char *text = update(amount, &length);
    put_frame(peer, 1, text, length);
}

static void message(struct peer *peer, const unsigned char *bytes, size_t length) {
    if (!peer->bids) heard(peer, last_number(bytes, length, AMOUNT)); /* a publisher hears how long the queue is */
}

static size_t take_nchan(struct peer *peer, unsigned char *bytes, size_t length) {
    return take_frames(peer, bytes, length, came_in, message);
}

const struct protocol nchan = {"nchan", 0, greet_nchan, ask_nchan, take_nchan};

/* NATS */

static void greet_nats(struct peer *peer) {
    put_format(peer, "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\n%sPING\r\n",
               peer->bids ? "" : "SUB room 1\r\n");
}

static void ask_nats(struct peer *peer, uint64_t amount, uint64_t id) {
    (void)id;
    size_t length;
    const char *text = update(amount, &length);
    put_format(peer, "PUB room %zu\r\n", length);
    put(peer, text, length);
    put(peer, "\r\n", 2);
}

static size_t take_nats(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0;
    for (;;) {
        unsigned char *line = bytes + used, *end = memchr(line, '\n', length - used);
        if (end == NULL) return used;
        size_t size = end + 1 - line;
        if (memcmp(line, "MSG ", 4) == 0) { /* MSG room 1 <bytes> */
            unsigned char *space = memrchr(line, ' ', size);
            size_t payload = strtoul((char *)space, NULL, 10);
            if (length - used < size + payload + 2) return used;
            heard(peer, last_number(line + size, payload, AMOUNT));
            size += payload + 2;
        } else if (memcmp(line, "PONG", 4) == 0) {
            came_in(peer);
        } else if (memcmp(line, "PING", 4) == 0) {
            put(peer, "PONG\r\n", 6);
        } else if (memcmp(line, "INFO", 4) != 0) {
            broken(peer, "unexpected line", line, size);
        }
        used += size;
    }
}

const struct protocol nats = {"nats", 0, greet_nats, ask_nats, take_nats};

/* PostgreSQL's protocol, version 3, without a library: the bid statement is prepared once for each connection, and a
 * bid is Bind + Execute + Sync. A row comes back for a bid that was accepted, none for one that was not. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "speak.h"

struct text {
    unsigned char bytes[4096];
    size_t length;
};

static void add(struct text *text, const void *bytes, size_t length) {
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static void add_int(struct text *text, uint32_t value, int size) {
    unsigned char bytes[4];
    for (int i = 0; i < size; i++) bytes[i] = value >> 8 * (size - 1 - i);
    add(text, bytes, size);
}

static void add_string(struct text *text, const char *string) { add(text, string, strlen(string) + 1); }

static void put_message(struct peer *peer, char type, const struct text *text) {
    uint32_t length = htonl(text->length + 4);
    if (type != 0) put(peer, &type, 1);
    put(peer, &length, 4);
    put(peer, text->bytes, text->length);
}

static const struct text NOTHING = {.length = 0};

static void greet(struct peer *peer) {
    struct text text = {.length = 0};
    add_int(&text, 196608, 4); /* version 3.0 */
    add_string(&text, "user"), add_string(&text, "bench");
    add_string(&text, "database"), add_string(&text, "bench");
    add_string(&text, "");
    put_message(peer, 0, &text);
}

static void prepare(struct peer *peer) {
    struct text text = {.length = 0};
    if (!peer->bids) {
        add_string(&text, "LISTEN bids");
        put_message(peer, 'Q', &text);
        return;
    }
    add_string(&text, "bid"), add_string(&text, options.statement), add_int(&text, 0, 2);
    put_message(peer, 'P', &text);
    put_message(peer, 'S', &NOTHING);
}

static void ask(struct peer *peer, uint64_t amount, uint64_t id) {
    struct text bind = {.length = 0}, execute = {.length = 0};
    char values[4][64];
    snprintf(values[0], sizeof values[0], "%s", options.item);
    snprintf(values[1], sizeof values[1], "bidder-%d", peer->number);
    snprintf(values[2], sizeof values[2], "%llu", (unsigned long long)amount);
    snprintf(values[3], sizeof values[3], "%llu", (unsigned long long)id);
    add_string(&bind, ""), add_string(&bind, "bid"), add_int(&bind, 0, 2), add_int(&bind, 4, 2);
    for (int i = 0; i < 4; i++) {
        add_int(&bind, strlen(values[i]), 4);
        add(&bind, values[i], strlen(values[i]));
    }
    add_int(&bind, 0, 2);
    put_message(peer, 'B', &bind);
    add_string(&execute, ""), add_int(&execute, 0, 4);
    put_message(peer, 'E', &execute);
    put_message(peer, 'S', &NOTHING);
}

static void ready(struct peer *peer) {
    if (peer->in) {
        answered(peer, 0, peer->row_seen ? ACCEPTED : TOO_LOW);
        peer->row_seen = false;
    } else if (peer->stage++ == 0) {
        prepare(peer);
    } else {
        came_in(peer);
    }
}

static size_t take(struct peer *peer, unsigned char *bytes, size_t length) {
    size_t used = 0;
    while (length - used >= 5) {
        uint32_t size;
        memcpy(&size, bytes + used + 1, 4);
        size = ntohl(size) + 1;
        if (length - used < size) break;
        switch (bytes[used]) {
            case 'Z': ready(peer); break;
            case 'D': peer->row_seen = true; break;
            case 'A': told(peer, 1); break;
            case 'E': broken(peer, "error", bytes + used, size);
            case 'R': /* authentication: nothing is asked for */
                if (memcmp(bytes + used + 5, "\0\0\0\0", 4) != 0) broken(peer, "a password", bytes + used, size);
                break;
            default: break; /* ParameterStatus, BackendKeyData, ParseComplete, BindComplete, CommandComplete, notices */
        }
        used += size;
    }
    return used;
}

const struct protocol postgres = {"postgres", 1, greet, ask, take};

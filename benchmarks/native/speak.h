/* What the load generator's loop and the protocols that it speaks know of each other.
 *
 * A protocol is a table of functions. It appends to a peer's `out` what is to be sent, and is given what came in; of
 * that it takes whole messages only and says what they mean by calling came_in(), answered(), told() or broken(). It
 * knows no sockets, no clock and no other peer. */
#ifndef SPEAK_H
#define SPEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND 1000000000ull
#define MOST_UNANSWERED 32 /* of one peer: what Bidroom allows */
#define OUT_BYTES 32768    /* room for that many bids in any of the protocols */

enum outcome { ACCEPTED, TOO_LOW, LEADING, OTHERWISE, OUTCOMES };

struct peer {
    int fd;
    int number;
    bool bids;    /* a bidder; else it only listens */
    bool hears;   /* it wants to hear what happens */
    bool every;   /* every single bid, not the latest of a batch (Bidroom) */
    bool in;      /* its greeting is over */
    int stage;    /* how far the greeting has come: the protocol's own business */
    bool row_seen;
    uint64_t ready_at;              /* when it will bid again */
    uint64_t asked;                 /* ids that were given away: 1, 2, ... */
    int unanswered;                 /* the last so many of them */
    uint64_t since[MOST_UNANSWERED]; /* when each was sent, or ought to have been; by id modulo */
    uint64_t amounts[MOST_UNANSWERED];
    bool watched;                   /* what it hears and when is kept in the ledger */
    bool stalled;                   /* it has stopped reading */
    uint64_t next_update;           /* in the ledger: the first one that it has not heard */
    uint64_t heard;                 /* bids that it was told of */
    uint64_t heard_bytes;
    unsigned char *in_bytes;
    size_t in_size, in_length;
    unsigned char out[OUT_BYTES];
    size_t out_length;
    bool waits_to_send;
};

struct protocol {
    const char *name;
    int most_unanswered;                                      /* of one peer; 0: nothing is ever answered */
    void (*greet)(struct peer *);                             /* begin the conversation */
    void (*ask)(struct peer *, uint64_t amount, uint64_t id); /* one bid */
    size_t (*take)(struct peer *, unsigned char *, size_t);   /* whole messages; gives the bytes that were used */
};

struct options {
    const char *item;
    int items;             /* Bidroom: how many items there are; more than one are called item-0, item-1, ... */
    int rooms, first_room; /* Bidroom: in how many rooms they bid; 0: in the only one; else room-0, room-1, ... */
    const char *names;     /* Bidroom: what bidders are called, before a number */
    const char *script;    /* Redis: the SHA1 of the bid script, which is loaded already */
    const char *statement; /* PostgreSQL: the bid statement, to be prepared */
    const char *update;    /* relays: what is published for a bid */
};

extern struct options options;
extern const struct protocol lines, websocket, redis, postgres, nchan, nats;

void came_in(struct peer *);
void answered(struct peer *, uint64_t id, enum outcome); /* id 0: the oldest one, where answers have no ids */
void told(struct peer *, uint64_t bids);
void heard(struct peer *, uint64_t amount);       /* a watched peer: an update that brings it to this amount */
void passed_over(struct peer *, uint64_t amount); /* the same, in place of updates that it did not get */

/* What follows is in speak.c, for protocols and programs alike. */

uint64_t clock_now(void); /* ns */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void broken(struct peer *, const char *what, const unsigned char *bytes, size_t length);

void put(struct peer *, const void *bytes, size_t length); /* append to `out` */
void put_format(struct peer *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How often `what` stands in these bytes. */
uint64_t count_of(const unsigned char *bytes, size_t length, const char *what);

/* The number behind the last `what` in these bytes; 0 where there is none. */
uint64_t last_number(const unsigned char *bytes, size_t length, const char *what);

#endif

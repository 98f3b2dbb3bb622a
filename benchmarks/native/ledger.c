#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>

#define BIDS (1u << 20) /* on the way at a time; a power of two, like the next */
#define UPDATES (1u << 16)

enum fate { UNDECIDED, IS_ACCEPTED, IS_REFUSED };

struct bid {
    uint64_t intended, heard_at; /* 0: not by everyone */
    enum fate fate;
};

struct update {
    uint64_t amount;
    int hearers;
};

struct ledger ledger;

static struct bid *bids;       /* by amount */
static struct update *updates; /* in order; `ledger.updates` is the first that not everyone has heard */
static uint64_t known;         /* updates of which at least one has heard */
static uint64_t covered;       /* the amount up to which everyone has heard */
static uint64_t asked;         /* the greatest amount that was asked */

static struct bid *bid_of(uint64_t amount) { return &bids[amount % BIDS]; }

static struct update *update_of(uint64_t number) { return &updates[number % UPDATES]; }

void open_ledger(int audience, uint64_t first_amount) {
    ledger.audience = audience;
    covered = asked = first_amount;
    bids = calloc(BIDS, sizeof *bids);
    updates = calloc(UPDATES, sizeof *updates);
}

void note_asked(uint64_t amount, uint64_t intended) {
    if (ledger.audience == 0) return;
    *bid_of(amount) = (struct bid){.intended = intended};
    asked = amount;
    ledger.on_the_way++;
    if (amount - covered >= BIDS) fprintf(stderr, "load: too many bids are on the way\n"), exit(1);
}

void note_decided(uint64_t amount, bool is_accepted) {
    if (ledger.audience == 0) return;
    struct bid *bid = bid_of(amount);
    bid->fate = is_accepted ? IS_ACCEPTED : IS_REFUSED;
    if (bid->heard_at == 0)
        ledger.on_the_way -= !is_accepted;
    else if (is_accepted)
        everyone_heard(bid->intended, bid->heard_at);
}

/* The last of the audience has heard the oldest update that was not complete. */
static void complete(uint64_t now) {
    uint64_t amount = update_of(ledger.updates++)->amount;
    while (covered < amount && covered < asked) {
        struct bid *bid = bid_of(++covered);
        if (bid->fate == IS_REFUSED) continue;
        bid->heard_at = now;
        ledger.on_the_way--;
        if (bid->fate == IS_ACCEPTED) everyone_heard(bid->intended, now);
    }
}

uint64_t note_heard(uint64_t next, uint64_t amount, uint64_t now) {
    if (known == 0 || amount > update_of(known - 1)->amount) {
        if (known - ledger.updates >= UPDATES) fprintf(stderr, "load: the audience is too far behind\n"), exit(1);
        *update_of(known++) = (struct update){.amount = amount};
    }
    while (next < known && update_of(next)->amount <= amount)
        if (++update_of(next++)->hearers == ledger.audience) complete(now);
    return next;
}

uint64_t updates_known(void) { return known; }

uint64_t latest_known(void) { return known == 0 ? 0 : update_of(known - 1)->amount; }

void each_unheard(void (*bid)(uint64_t intended)) {
    if (ledger.audience == 0) return;
    for (uint64_t amount = covered + 1; amount <= asked; amount++)
        if (bid_of(amount)->fate == IS_ACCEPTED) bid(bid_of(amount)->intended);
}

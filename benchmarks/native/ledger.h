/* What the audience has heard of which bid, and when.
 *
 * Amounts rise from bid to bid, so an update that tells an amount brings its hearer up to that amount: it covers the
 * accepted bids below it that no update before it told. An update is heard when the last one of the audience has it,
 * and with it the bids that it covers. So one message for one bid (peers) and one for a batch (Bidroom) are the same
 * here, and a bid's answer may come before or after what the audience hears. */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

struct ledger {
    int audience;         /* how many have to hear an update; 0: no ledger is kept */
    uint64_t on_the_way;  /* bids that were neither refused nor heard */
    uint64_t updates;     /* that everyone has heard */
};

extern struct ledger ledger;

void open_ledger(int audience, uint64_t first_amount);
void note_asked(uint64_t amount, uint64_t intended);
void note_decided(uint64_t amount, bool is_accepted);

/* Someone who has heard all updates before `next` hears of this amount now; gives the first that they have not heard. */
uint64_t note_heard(uint64_t next, uint64_t amount, uint64_t now);

/* How many updates there are; who has not heard them all is behind. */
uint64_t updates_known(void);

/* The greatest amount that at least one has heard of; 0 for none. */
uint64_t latest_known(void);

/* Accepted bids that not everyone has heard: calls `bid` for each. */
void each_unheard(void (*bid)(uint64_t intended));

/* Called by the ledger, once for each accepted bid: the last one has heard it. */
void everyone_heard(uint64_t intended, uint64_t when);

#endif

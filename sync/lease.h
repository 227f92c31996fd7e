/* lease.h: how much of a window this node may spend: pure arithmetic over what was counted here and heard.
 *
 * SPDX-License-Identifier: MIT
 *
 * No server, no ledger, no clock: the simulator runs this code with a thousand nodes, and the exchange runs
 * it with real ones.
 *
 * FREE. Far from the amount a node spends freely: what the others used is withheld, no more. How far the
 * nodes together can go beyond the amount is the sum of their rates x (interval + round trip + time to notice
 * a cut) (overshoot.h).
 *
 * LEASED. A strict limit always, a refill always, and any other when what is left is less than all nodes
 * might spend until they hear of each other again: a node then spends only up to its claim. It first
 * publishes a claim, then reads all entries: when all weigh no more than the amount, the claim is granted;
 * else it takes it back to what it can have (never below what it counted and holds). The server runs one
 * command after the other, so of two claims the later one sees both: the argument of src/hold.h, H2. A claim
 * is lowered in the ledger first and told to the others afterwards, and raised the other way round. A claim
 * is used until its end less the margin of clocks; the others count it until its end has passed.
 */

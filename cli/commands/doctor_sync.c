/* doctor_sync.c: what `tokenquota doctor` sees of the exchange with other machines.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/commands/doctor.h"

#include "sync/state.h"

#define MS_NS INT64_C(1000000)
#define APART_MS 2000                  /* clocks that differ by more are worth a note */
#define SILENT_MS (60 * INT64_C(1000)) /* a machine that was not seen for so long */

static void look_at_connection(struct doctor *doctor, const struct sync_state *state, int64_t until_ns,
                               int64_t now_ns)
{
    if (until_ns >= now_ns) {
        doctor_tell(doctor, OK, "sync", "%s exchanges through %s with %s", state->node, state->to,
                    plural(state->machines > 0 ? state->machines - 1 : 0, "other machine").s);
        return;
    }
    if (state->heard_at_ns > 0)
        doctor_tell(doctor, BAD, "sync", "%s is cut off from %s for %s", state->node, state->to,
                    format_length(now_ns - state->heard_at_ns).s);
    else
        doctor_tell(doctor, BAD, "sync", "%s never heard a word from %s", state->node, state->to);
    doctor_tell(
        doctor, ADVICE, NULL,
        "is `tokenquota sync`, or the daemon that does it, running? Ask the server: tokenquota sync --to URL "
        "--dry-run");
    doctor_tell(doctor, ADVICE, NULL, "when this ledger is to stand alone again: tokenquota sync --leave");
}

static void look_at_clock(struct doctor *doctor, const struct sync_state *state)
{
    if (state->offset_ms <= APART_MS && state->offset_ms >= -APART_MS)
        return;
    doctor_tell(doctor, NOTE, "sync", "the server's clock is %s %s this machine's",
                format_length((state->offset_ms < 0 ? -state->offset_ms : state->offset_ms) * MS_NS).s,
                state->offset_ms < 0 ? "behind" : "ahead of");
    doctor_tell(doctor, ADVICE, NULL, "windows turn by each machine's own clock: set the clocks by NTP");
}

static void look_at_peers(struct doctor *doctor, const struct sync_status *status, int64_t now_ns)
{
    int64_t server_ms = now_ns / MS_NS + status->state.offset_ms;

    for (size_t i = 0; i < status->peer_count; i++) {
        const struct sync_peer *peer = &status->peers[i];

        if (server_ms - peer->seen_ms < SILENT_MS)
            continue;
        doctor_tell(doctor, NOTE, "sync",
                    "%s was not heard for %s; what was leased to it is kept until its leases end", peer->name,
                    format_length((server_ms - peer->seen_ms) * MS_NS).s);
    }
}

void doctor_look_at_sync(struct doctor *doctor)
{
    struct tq_error error = {.size = sizeof error};
    int64_t until_ns = tq_ledger_shared_until(doctor->session.ledger), now_ns = tq_now_ns();
    struct sync_status status;
    int answer;

    if (until_ns <= 0)
        return;
    answer = sync_status_read(doctor->session.path, &status, &error);
    if (answer < 0) {
        doctor_tell(doctor, BAD, "sync", "%s", error.msg);
    } else {
        look_at_connection(doctor, &status.state, until_ns, now_ns);
        if (*status.state.trouble)
            doctor_tell(doctor, BAD, "sync", "%s", status.state.trouble);
        look_at_clock(doctor, &status.state);
        if (until_ns >= now_ns)
            look_at_peers(doctor, &status, now_ns);
        if (status.state.epochs_lost > 0)
            doctor_tell(doctor, NOTE, "sync",
                        "the server lost what it knew, %s by its tags: it was told again",
                        plural(status.state.epochs_lost, "time").s);
        if (status.state.refused > 0)
            doctor_tell(doctor, NOTE, "sync", "%s of other machines could not be taken here",
                        plural(status.state.refused, "word").s);
    }
    sync_status_free(&status);
}

// card.js: one provider on the page: its state, the reason, its limits.
// SPDX-License-Identifier: MIT
//
// Text reaches the page as text nodes and attributes alone, never as HTML. What has not changed is not touched.

import {WHOLE, ago, clock, exact, instant, label, lasts, length, local, pace, percent, short, source, used} from "./words.js";

export function put(node, text) {
    if (node.said !== text) {
        node.said = text;
        node.textContent = text;
    }
}

function style(node, name) {
    if (node.className !== name)
        node.className = name;
}

export const clone = id => document.getElementById(id).content.firstElementChild.cloneNode(true);

// ---- what a provider's document says -----------------------------------------------------------------------------

// The day's budget as a limit; a day without a budget has no amount.
export function dayOf(provider, doc) {
    const end = instant(doc.day_ends_at), budget = provider.budget;
    return {
        window: "day UTC", unit: "tokens", zone: "", amount: budget, used: provider.used,
        share_ppm: budget && provider.used / budget * WHOLE, state: "available",
        start_at: new Date(end - 864e5).toISOString(), end_at: doc.day_ends_at,
        lasts: provider.lasts, runs_out_at: provider.runs_out_at,
    };
}

// A day in which nothing was counted and nothing is limited says nothing beside limits.
export const showsDay = provider => provider.budget !== undefined || provider.used > 0 || !provider.limits.length;

export const shareOf = limit => limit.share_ppm === undefined ? undefined : limit.share_ppm / WHOLE;

// The share at the end of the window, if its use goes on as so far; it is drawn only when the server says
// whether the limit lasts.
export function expectedShare(limit, now) {
    const share = shareOf(limit), start = instant(limit.start_at), end = instant(limit.end_at);
    if (share === undefined || limit.lasts === undefined || !(now > start && end > now))
        return share;
    const ends = share * (end - start) / (now - start);
    return limit.lasts ? Math.min(1, Math.max(share, ends)) : Math.max(1, share, limit.runs_out_at ? ends : share);
}

// The soonest end of a limit or the budget at the present pace.
function runsOut(provider) {
    const all = provider.limits.map(limit => limit.runs_out_at);
    return [provider.runs_out_at, ...all].filter(Boolean).map(instant).sort((a, b) => a - b)[0];
}

export const isOut = provider => provider.state === "quota_exhausted";
export const isWait = provider => isOut(provider) && provider.reason === "throttled";

// "out until Tue 14:28", and what it is beside its colour.
export function stateWords(provider, now) {
    const retry = instant(provider.retry_at), probe = instant(provider.probe_at);
    if (!isOut(provider)) {
        const at = runsOut(provider);
        return at === undefined ? ["available", "ok"] : ["available, runs out " + clock(at, now), "warn"];
    }
    if (isWait(provider) && retry !== undefined)
        return ["wait " + length(retry - now), "warn"];
    if (retry !== undefined)
        return ["out until " + clock(retry, now), "out"];
    if (provider.probing)
        return ["out, a probe is under way", "out"];
    if (probe === undefined)
        return ["out, no known end", "out"];
    return ["out, a probe is due" + (probe > now ? " " + clock(probe, now) : ""), "out"];
}

// The sentence, without the words that stand before it already.
const why = (provider, now) => local(provider.sentence, now).replace(/^(available|wait [^:]*): /, "");

// ---- the card ------------------------------------------------------------------------------------------------------

const PARTS = ["name", "state", "why", "more", "limits"];
const CELLS = ["label", "used", "expected", "number", "lasts", "resets", "source"];

const parts = (node, names) => Object.fromEntries(names.map(name => [name, node.querySelector("." + name)]));

export class Card {
    constructor(name, opened) {
        this.name = name;
        this.node = clone("card");
        this.parts = parts(this.node, PARTS);
        this.rows = [];
        this.samples = new Map();
        put(this.parts.name, name);
        this.node.setAttribute("aria-label", name);
        this.parts.more.setAttribute("aria-label", "Details of " + name);
        this.parts.more.addEventListener("click", () => this.toggle(opened));
    }

    get isOpen() {
        return this.parts.more.getAttribute("aria-expanded") === "true";
    }

    open(open) {
        this.parts.more.setAttribute("aria-expanded", String(open));
        this.node.classList.toggle("opened", open);
    }

    // The panel is made once, and it may be closed before that is done.
    async toggle(opened) {
        this.open(!this.isOpen);
        try {
            this.panel = await (this.opening ??= opened(this));
        } catch {
            this.opening = undefined; // its files did not come
            this.open(false);
            return;
        }
        this.panel.node.hidden = !this.isOpen;
        if (this.isOpen) {
            this.panel.show(this);
            this.parts.more.scrollIntoView({block: "nearest"});
        }
    }

    show(provider, doc, now) {
        const [state, kind] = stateWords(provider, now);
        const day = dayOf(provider, doc), limits = provider.limits, rows = showsDay(provider) ? [day, ...limits] : limits;
        this.provider = provider;
        this.doc = doc;
        this.now = now;
        put(this.parts.state, state);
        style(this.parts.state, "state " + kind);
        put(this.parts.why, why(provider, now));
        while (this.rows.length < rows.length)
            this.addRow();
        while (this.rows.length > rows.length)
            this.rows.pop().node.remove();
        rows.forEach((limit, i) => this.showRow(this.rows[i], limit, now));
        this.note(day, limits, now);
        if (this.panel && !this.panel.node.hidden)
            this.panel.show(this);
    }

    addRow() {
        const node = clone("limit");
        this.rows.push({node, ...parts(node, CELLS)});
        this.parts.limits.append(node);
    }

    showRow(row, limit, now) {
        const end = instant(limit.end_at), verdict = this.provider.limit;
        const share = shareOf(limit), expected = expectedShare(limit, now), words = lasts(limit, now);
        const binds = isOut(this.provider) && (verdict ? verdict.level === 0 && verdict.number === limit.number :
            limit.number === undefined && this.provider.reason === "spent");
        const near = limit.runs_out_at || share >= 1;
        style(row.node, "limit" + (binds ? " binds" : near ? " near" : "") + (share === undefined ? " bare" : ""));
        put(row.label, (binds ? "! " : "") + label(limit));
        put(row.number, used(limit));
        put(row.lasts, words);
        put(row.resets, end === undefined ? "" : "resets " + clock(end, now) + ", in " + length(end - now));
        put(row.source, source(limit, now));
        this.bar(row.used, share);
        this.bar(row.expected, expected);
    }

    bar(node, share) {
        const width = share === undefined ? "0" : (Math.min(1, share) * 100).toFixed(1) + "%";
        if (node.width !== width)
            node.style.width = node.width = width;
    }

    // What the page has seen of each window, for the charts.
    note(day, limits, now) {
        for (const limit of [day, ...limits]) {
            const key = String(limit.number ?? "day"), shares = limit.amount === undefined && limit.number !== undefined;
            const value = shares ? limit.share_ppm : limit.used;
            const seen = this.samples.get(key) ?? [];
            if (value === undefined || seen.at(-1)?.[1] === value)
                continue;
            if (seen.length && seen[0][0] < instant(limit.start_at) || seen.length > 500)
                seen.shift();
            seen.push([now, value]);
            this.samples.set(key, seen);
        }
    }
}

// ---- the facts of the panel ----------------------------------------------------------------------------------------

export function counted(provider) {
    return exact(provider.used) + " tokens in this UTC day" +
        (provider.budget ? " of a budget of " + exact(provider.budget) : ", without a budget") +
        (provider.burn_rate_per_hour === undefined ? "" : "; burn rate " + short(provider.burn_rate_per_hour) +
            " tokens an hour since the day began") +
        (provider.pool ? "; in the pool " + provider.pool : "");
}

export function said(provider, now) {
    const words = provider.limits.filter(limit => limit.said).map(limit => label(limit) + ": " +
        (limit.said.share_ppm === undefined ? "a refusal" : percent(limit.said.share_ppm) + " used") +
        ", " + ago(now - instant(limit.said.said_at)) + (limit.said.doubted ? ", in doubt" : "") +
        (limit.said.overruled ? ", overruled" : ""));
    if (provider.said_at)
        words.unshift((provider.vendor ?? "the vendor") + " refused (" + provider.refusal + ") at " +
            clock(instant(provider.said_at), now));
    return words.join("; ") || "nothing that still holds";
}

export function estimated(provider, doc, now) {
    const band = provider.interval, words = [], end = clock(instant(doc.day_ends_at), now);
    if (provider.projection > 0)
        words.push("at this pace " + short(provider.projection) + " tokens by " + end);
    if (provider.budget && pace(provider, now))
        words.push("the budget " + pace(provider, now));
    if (band && band.low !== undefined)
        words.push("8 of 10 days like this end between " + short(band.low) + " and " + short(band.high));
    else if (band)
        words.push("more than on any of the last " + band.days + " days");
    for (const limit of provider.limits)
        if (limit.runs_out_at)
            words.push(label(limit) + " " + pace(limit, now));
    return words.join("; ") || "nothing: too little is known";
}

// panel.js: what is shown of a provider that was opened: the facts, two charts, and the buttons.
// SPDX-License-Identifier: MIT

import {counted, dayOf, estimated, expectedShare, put, said, showsDay} from "./card.js";
import {DAY, WHOLE, amount, clock, day, exact, instant, label, short} from "./words.js";
import {bars, path} from "./chart.js";

const DAYS = 14;

export class Panel {
    constructor(card, node, daemon) {
        this.node = node;
        this.daemon = daemon;
        this.name = card.name;
        this.days = [];
        const find = name => node.querySelector("." + name);
        this.parts = {
            counted: find("counted"), said: find("said"), estimated: find("estimated"), window: find("window"),
            readout: find("readout"), done: find("done"), remove: find("remove"), body: node.querySelector("tbody"),
        };
        [this.path, this.bars] = node.querySelectorAll(".chart");
        this.parts.window.setAttribute("aria-label", "Window of the chart of " + card.name);
        this.parts.window.addEventListener("change", () => this.show(card));
        this.button("mark", form => ["POST", "mark", {provider: this.name, for: form.for.value}]);
        this.button("available", () => ["POST", "mark", {provider: this.name, available: true}]);
        this.button("set", form => ["POST", "limit", {provider: this.name, limit: form.limit.value}]);
        this.button("remove", form =>
            ["DELETE", "limit?" + new URLSearchParams({provider: this.name, limit: form.number.value})]);
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    }

    button(name, request) {
        const form = this.node.querySelector("form." + name);
        form.addEventListener("submit", async event => {
            event.preventDefault();
            put(this.parts.done, "…");
            try {
                await this.daemon.ask(...request(form.elements));
                put(this.parts.done, "Done.");
                await this.daemon.refresh();
            } catch (error) {
                put(this.parts.done, error.message);
            }
        });
    }

    show(card) {
        const {provider, doc, now} = card;
        this.card = card;
        put(this.parts.counted, counted(provider));
        put(this.parts.said, said(provider, now));
        put(this.parts.estimated, estimated(provider, doc, now));
        this.choices(provider);
        if (this.asked !== doc.day_ends_at) {
            this.asked = doc.day_ends_at;
            this.askDays();
        }
        this.draw();
    }

    // Only windows with a beginning and an end can be drawn.
    choices(provider) {
        const limits = provider.limits.filter(limit => limit.start_at && limit.end_at &&
            (limit.amount !== undefined || limit.share_ppm !== undefined));
        const windows = limits.map(limit => [String(limit.number), label(limit)]), today = [["day", "day UTC"]];
        this.options(this.parts.window, showsDay(provider) ? [...today, ...windows] : [...windows, ...today]);
        this.options(this.parts.remove.number,
            provider.limits.map(limit => [String(limit.number), limit.number + ": " + limit.limit]));
        this.parts.remove.hidden = !provider.limits.length;
    }

    options(select, pairs) {
        const words = JSON.stringify(pairs);
        if (select.words === words)
            return;
        const before = select.value;
        select.words = words;
        select.replaceChildren(...pairs.map(([value, text]) => new Option(text, value)));
        if (pairs.some(([value]) => value === before))
            select.value = before;
    }

    async askDays() {
        try {
            const doc = await this.daemon.ask("GET", "status?" + new URLSearchParams({provider: this.name, days: DAYS}));
            this.days = doc.days;
            this.draw();
        } catch {
            this.asked = undefined; // with the next answer
        }
    }

    draw() {
        if (this.node.hidden || !this.card)
            return;
        this.drawPath();
        this.drawBars();
    }

    drawPath() {
        const {provider, doc, now, samples} = this.card, key = this.parts.window.value;
        const limit = key === "day" ? dayOf(provider, doc) : provider.limits.find(one => String(one.number) === key);
        const shares = limit.amount === undefined && key !== "day", unit = shares ? "share" : limit.unit;
        const scale = shares ? WHOLE : limit.amount, expected = expectedShare(limit, now);
        const seen = (samples.get(key) ?? []).filter(([at]) => at >= instant(limit.start_at));
        const value = shares ? limit.share_ppm : limit.used;
        const ends = key === "day" ? provider.projection : limit.lasts === undefined ? undefined : expected * scale;
        const band = key === "day" && provider.interval?.low !== undefined ? provider.interval : undefined;
        const say = n => amount(unit, n);
        const words = say(value) + " at " + clock(now, now) + (ends === undefined ? "" : ", " + say(ends) + " expected by " +
            clock(instant(limit.end_at), now)) + (band ? "; 8 of 10 days like this end between " + say(band.low) + " and " +
            say(band.high) : "");
        this.path.setAttribute("aria-label", "Use of " + this.name + ", " + label(limit) + ": " + words);
        put(this.parts.readout, words + (seen.length < 3 ? ". The line is straight up to when this page was opened." : ""));
        path(this.path, {
            start: instant(limit.start_at), end: instant(limit.end_at), now, value, ends, band, seen, say, top: scale,
        });
    }

    drawBars() {
        const {provider, doc} = this.card, today = instant(doc.day_ends_at) - DAY;
        const by = new Map(this.days.map(one => [one.day, one.used]));
        const rows = [];
        for (let at = today - (DAYS - 1) * DAY; at <= today; at += DAY) {
            const date = new Date(at).toISOString().slice(0, 10), used = at === today ? provider.used : by.get(date);
            rows.push({at, name: day(date), used, ends: at === today ? provider.projection : undefined});
        }
        const known = rows.filter(row => row.used !== undefined);
        const most = known.reduce((a, b) => b.used > a.used ? b : a, known[0]);
        this.bars.setAttribute("aria-label", "Tokens of " + this.name + " a day: most on " + most.name + ", " +
            short(most.used) + "; today " + short(provider.used) + ". The table below has all.");
        this.table(rows);
        bars(this.bars, {rows, budget: provider.budget, say: short});
    }

    table(rows) {
        const words = JSON.stringify(rows.map(row => [row.name, row.used === undefined ? "none counted" : exact(row.used)]));
        if (this.parts.body.words === words)
            return;
        this.parts.body.words = words;
        this.parts.body.replaceChildren(...JSON.parse(words).map(([name, used]) => {
            const line = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
            head.scope = "row";
            head.textContent = name;
            cell.textContent = used;
            line.append(head, cell);
            return line;
        }));
    }
}

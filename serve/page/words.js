// words.js: numbers, times and limits as people read them, in the words of `tokenquota status`.
// SPDX-License-Identifier: MIT

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WHOLE = 1e6; // of a share in millionths

const two = n => String(n).padStart(2, "0");

// ---- numbers ---------------------------------------------------------------------------------------------------

// 1,234,567. (toLocaleString takes 30 ms before its first number.)
export const exact = n => String(Math.floor(n)).replace(/\B(?=(\d{3})+$)/g, ",");

// 6,339; 412k; 1.24M. Rounded down: what is used up must not seem to be before it is.
export function short(n) {
    if (n < 10000)
        return exact(n);
    const power = Math.floor(Math.log10(n) / 3), unit = 1000 ** power;
    const decimals = n / unit < 10 ? 100 : n / unit < 100 ? 10 : 1;
    return Math.floor(n / unit * decimals) / decimals + " kMGTPE"[power];
}

function dollars(micro) {
    return micro < 1e10 ? "$" + (Math.floor(micro / 1e4) / 100).toFixed(2) : "$" + short(micro / 1e6);
}

export const amount = (unit, n) => unit === "cost" ? dollars(n) : unit === "share" ? percent(n) : short(n);

// Above nothing and below all, it says neither "0 %" nor "100 %".
export function percent(ppm) {
    if (ppm > 0 && ppm < WHOLE / 100)
        return "< 1 %";
    return Math.floor(ppm / (WHOLE / 100)) + " %";
}

// ---- times -----------------------------------------------------------------------------------------------------

export const instant = text => text === undefined ? undefined : Date.parse(text);

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// "14:28" today, "Tue 14:28" within six days, else "1 Dec 14:28".
export function clock(at, now) {
    const date = new Date(at), time = two(date.getHours()) + ":" + two(date.getMinutes());
    if (date.toDateString() === new Date(now).toDateString())
        return time;
    const day = date.getDate() + " " + MONTHS[date.getMonth()];
    if (Math.abs(at - now) < 6 * DAY)
        return DAYS[date.getDay()] + " " + time;
    return Math.abs(at - now) < 300 * DAY ? day + " " + time : day + " " + date.getFullYear();
}

export function seconds(at) {
    const date = new Date(at);
    return two(date.getHours()) + ":" + two(date.getMinutes()) + ":" + two(date.getSeconds());
}

// "2 d 18 h", "1 h 54 min", "43 min", "13 s"
export function length(ms) {
    const pair = (large, a, small, b) => {
        const rest = Math.floor(ms % large / small);
        return Math.floor(ms / large) + " " + a + (rest ? " " + rest + " " + b : "");
    };
    if (ms >= DAY)
        return pair(DAY, "d", HOUR, "h");
    if (ms >= HOUR)
        return pair(HOUR, "h", MINUTE, "min");
    return ms >= MINUTE ? Math.floor(ms / MINUTE) + " min" : Math.max(0, Math.ceil(ms / SECOND)) + " s";
}

export const ago = ms => ms < SECOND ? "now" : length(ms) + " ago";

// The day of a UTC date, "2026-03-04" as "4 Mar".
export const day = date => Number(date.slice(8, 10)) + " " + MONTHS[Number(date.slice(5, 7)) - 1];

// A sentence of the library says its times in UTC; this page says all times by the local clock.
export function local(sentence, now) {
    return sentence.replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g, (all, date, time) => {
        const at = Date.parse(date + "T" + time + "Z");
        return Number.isNaN(at) ? all : clock(at, now);
    });
}

// ---- limits ----------------------------------------------------------------------------------------------------

export function label(limit) {
    const kind = ["rolling", "refill"].includes(limit.window) ? limit.window : "";
    const plain = ["tokens", "cost", "share"].includes(limit.unit);
    const zone = limit.zone ?? "", place = limit.window === "stated" ? zone : zone.split("/").pop().replaceAll("_", " ");
    const window = limit.length_ns ? length(limit.length_ns / 1e6) : limit.window;
    return [window, kind, place, plain ? "" : limit.unit].filter(Boolean).join(" ");
}

// Whether it lasts; before that, why it is out, or what people should know of it.
export function lasts(limit, now) {
    const said = limit.said ?? {}, out = limit.state === "quota_exhausted", all = said.share_ppm >= WHOLE;
    if (out && said.blocks)
        return all || said.share_ppm === undefined ? "spent" : "refused";
    if (out && said.stops)
        return all ? "stopped" : "at its reserve";
    if (out && limit.predicted)
        return "will not last";
    if (out)
        return limit.spent ? "spent" : "at its reserve";
    if (all && said.credit)
        return "on paid overage";
    if (all && said.overruled)
        return "overruled";
    return pace(limit, now);
}

// The same of a day's budget.
export function pace(some, now) {
    if (some.runs_out_at)
        return "runs out " + clock(instant(some.runs_out_at), now);
    return some.lasts === undefined ? "" : some.lasts ? "lasts" : some.share_ppm >= WHOLE ? "spent" : "will not last";
}

// "81 %", "38 %, $15.20 of $40.00", or of a day "22.3k, no budget"
export function used(limit) {
    if (limit.number === undefined && limit.amount === undefined)
        return short(limit.used) + ", no budget";
    if (limit.amount !== undefined)
        return percent(limit.share_ppm ?? 0) + ", " + amount(limit.unit, limit.used) + " of " +
            amount(limit.unit, limit.amount);
    return limit.share_ppm === undefined ? "not known" : percent(limit.share_ppm);
}

// Where a number is from, and how old it is.
export function source(limit, now) {
    const said = limit.said;
    if (!said)
        return "counted here";
    const age = "vendor, " + ago(now - instant(said.said_at));
    if (limit.amount !== undefined)
        return "counted here" + (said.share_ppm === undefined ? "" : "; vendor " + percent(said.share_ppm) + age.slice(6));
    return said.since ? age + "; " + short(said.since) + " counted since" : age;
}

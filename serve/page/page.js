// page.js: keeps the page as the daemon says it is: asks it, listens to it, and sends what the buttons want.
// SPDX-License-Identifier: MIT

import {Card, clone, isOut, isWait, put, stateWords} from "./card.js";
import {clock, instant, local, seconds} from "./words.js";

const EVERY_MS = 750;     // without events, so that a change by another process is here within a second
const CALM_MS = 5000;     // with events, for what they do not say
const TICK_MS = 1000;     // of the countdowns
const PATIENCE_MS = 5000; // for an answer
const AGAIN_MS = 3000;    // to listen again
const FILTER_FROM = 13;   // so many providers are looked for by name
const NAMED = 3;          // so many that are out are named in the headline
const CHANGES = 50;       // so many are kept

const at = id => document.getElementById(id);
const cards = new Map();
let last = null;       // the newest document
let came;              // when it came, by this page's own clock
let stale = false;     // the daemon has not answered since
let refused = false;   // it wants another token
let listening = false; // to events
let asking = false;    // the daemon
let stirred = false;   // while it was asked, an event came
let again;             // the timer

// ---- asking ----------------------------------------------------------------------------------------------------------

const token = () => sessionStorage.getItem("token");

function headers(more) {
    return token() ? {Authorization: "Bearer " + token(), ...more} : more;
}

class Refused extends Error {}

// A refusal is told in the daemon's words, but for those about tokens, which say what a program should send.
const OF_TOKENS = {
    no_token: "The daemon asks for a token. Give one under “Access token” at the top of the page.",
    wrong_token: "The daemon does not know this token. Give another one under “Access token” at the top of the page.",
    read_only: "This token may only read. Give one that may write under “Access token” at the top of the page.",
};

export async function ask(method, path, body) {
    const response = await fetch("v1/" + path, {
        method, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS),
        headers: headers(body && {"Content-Type": "application/json"}),
        body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (response.ok)
        return text ? JSON.parse(text) : {};
    let problem = {};
    try {
        problem = JSON.parse(text);
    } catch {
        // what stands in front of the daemon need not speak JSON
    }
    const refused = new Refused(OF_TOKENS[problem.code] ?? problem.detail ?? problem.title ??
        "The daemon answered " + response.status + ".");
    refused.status = response.status;
    throw refused;
}

// Nobody looks at a hidden page, and it asks for nothing.
async function refresh() {
    if (asking || document.hidden) {
        stirred = asking;
        return;
    }
    asking = true;
    clearTimeout(again);
    try {
        const doc = await ask("GET", "status");
        trouble("");
        take(doc);
    } catch (error) {
        fail(error);
    }
    asking = false;
    again = setTimeout(refresh, stirred ? 0 : refused || listening && !stale ? CALM_MS : EVERY_MS);
    stirred = false;
}

function fail(error) {
    const since = last ? " The numbers below are those of " + seconds(instant(last.at)) + "." : "";
    refused = error.status === 401 || error.status === 403;
    at("access").open ||= refused;
    trouble(error instanceof Refused ? error.message + since :
        "The daemon does not answer; the ledger and other programs work on. Start it: tokenquota serve." + since);
}

function trouble(words) {
    stale = words !== "";
    refused &&= stale;
    document.body.classList.toggle("stale", words !== "" && last !== null);
    at("trouble").hidden = words === "";
    put(at("trouble"), words);
    if (words && !last)
        put(at("headline"), "No numbers yet.");
    if (words)
        put(at("live"), last ? "stale" : "");
}

// ---- showing ---------------------------------------------------------------------------------------------------------

function take(doc) {
    const providers = doc.providers;
    if (!listening && last)
        compare(providers, instant(doc.at));
    last = doc;
    came = performance.now();
    const names = new Set(providers.map(provider => provider.provider));
    for (const [name, card] of cards)
        if (!names.has(name)) {
            card.node.remove();
            cards.delete(name);
        }
    for (const {provider} of providers)
        if (!cards.has(provider))
            cards.set(provider, new Card(provider, opened));
    show();
    sort(providers);
    filter();
    at("empty").hidden = providers.length > 0;
    at("filter").hidden = providers.length < FILTER_FROM;
    document.body.classList.toggle("few", providers.length < 3);
}

// The daemon's clock goes on between two answers.
function show() {
    if (!last || stale || document.hidden)
        return;
    const now = instant(last.at) + performance.now() - came;
    for (const provider of last.providers)
        cards.get(provider.provider).show(provider, last, now);
    headline(last.providers, now);
    put(at("live"), seconds(now) + (listening ? ", live" : ", asked each second"));
}

// The most urgent first, as the daemon has them; but nothing moves under who works in it.
function sort(providers) {
    const list = at("providers");
    let next = list.firstElementChild;
    const busy = list.contains(document.activeElement) || list.querySelector(".opened");
    for (const provider of providers) {
        const node = cards.get(provider.provider).node;
        if (node === next)
            next = next.nextElementSibling;
        else if (!busy || !node.parentNode)
            list.insertBefore(node, busy ? null : next);
    }
}

function filter() {
    const wanted = at("wanted").value.toLowerCase();
    for (const [name, card] of cards)
        card.node.hidden = !name.toLowerCase().includes(wanted);
}

function headline(providers, now) {
    const out = providers.filter(isOut), free = providers.length - out.length;
    const named = out.slice(0, NAMED).map(provider => {
        const words = stateWords(provider, now)[0];
        return provider.provider + (isWait(provider) ? " has to " + words : " is " + words);
    });
    const more = out.length > NAMED ? ", and " + (out.length - NAMED) + " more" : "";
    const alone = providers.length === 1, can = alone ? providers[0].provider + " can take a call." :
        (out.length ? free || "None" : "All") + (out.length ? " of " : " ") + providers.length + " providers can take a call.";
    document.title = (out.length ? "(" + out.length + " out) " : "") + "tokenquota";
    put(at("headline"), !providers.length ? "" : !out.length ? can : (alone ? "" : can + " ") + named.join("; ") + more + ".");
}

// ---- changes ---------------------------------------------------------------------------------------------------------

function tell(event, now) {
    const node = document.createElement("li"), time = document.createElement("time");
    const name = document.createElement("b"), words = document.createElement("span");
    time.dateTime = event.at;
    time.textContent = clock(instant(event.at), now);
    name.textContent = event.provider;
    words.textContent = (isOut(event) ? "out: " : "") + local(event.sentence, now);
    node.append(time, " ", name, " ", words);
    put(at("newest"), "Last change: " + node.textContent);
    at("log").prepend(node);
    while (at("log").childElementCount > CHANGES)
        at("log").lastElementChild.remove();
    at("quiet").hidden = true;
}

// Without events, a change is what differs between two answers.
function compare(providers, now) {
    for (const provider of providers) {
        const before = cards.get(provider.provider)?.provider;
        if (before && (before.state !== provider.state || before.reason !== provider.reason))
            tell({...provider, at: last.at}, now);
    }
}

// An event of the stream, of which the daemon has three: a change of state, counts that changed, and that some were missed.
function hear(block) {
    const field = name => block.match(new RegExp("^" + name + ": ?(.*)$", "m"))?.[1];
    const kind = field("event");
    if (kind === "state") {
        const event = JSON.parse(field("data"));
        tell(event, instant(event.at));
    }
    if (kind)
        refresh();
    return field("id");
}

// EventSource cannot send a token, so the stream is read by hand. False: there is none to listen to.
async function listen(state) {
    const response = await fetch("v1/events", {
        cache: "no-store", headers: headers({Accept: "text/event-stream", ...state.id && {"Last-Event-ID": state.id}}),
    });
    if (!response.ok)
        return response.status !== 404;
    listening = true;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = "", piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const blocks = (rest + piece.value).split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks)
            state.id = hear(block) ?? state.id;
    }
    return true;
}

async function listenOn() {
    for (const state = {}, more = {is: true}; more.is;) {
        try {
            more.is = await listen(state);
        } catch {
            // the next answer, or none, says that the daemon is down
        }
        if (listening) {
            listening = false;
            refresh();
        }
        await new Promise(done => setTimeout(done, AGAIN_MS));
    }
}

// ---- what people do --------------------------------------------------------------------------------------------------

// Charts and buttons are made for those providers that are opened.
async function opened(card) {
    const {Panel} = await import("./panel.js");
    const panel = new Panel(card, clone("panel"), {ask, refresh});
    card.node.append(panel.node);
    return panel;
}

at("token").addEventListener("submit", event => {
    event.preventDefault();
    sessionStorage.setItem("token", event.target.elements.token.value);
    event.target.reset();
    at("access").open = false;
    refresh();
});

at("wanted").addEventListener("input", filter);

document.addEventListener("visibilitychange", refresh);
setInterval(show, TICK_MS);
refresh();
listenOn();

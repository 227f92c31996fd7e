// test_waiting.mjs: waits and changes, with aborts, close, workers, the end of the process and the collector.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import { execFile, spawn } from "child_process";
import fs from "fs";
import { promisify } from "util";
import { Worker } from "worker_threads";
import { Ledger, NEVER } from "tokenquota";
import { fresh, run, test } from "./tap.mjs";

/** Runs a program that may import tokenquota, to its end. */
async function program(text, ...words) {
  const file = new URL(`./.${process.pid}.${Math.random().toString(36).slice(2)}.mjs`, import.meta.url);
  fs.writeFileSync(file, `import { Ledger } from "tokenquota";\n${text}`);
  try {
    return await promisify(execFile)(process.execPath, [file.pathname, ...words], { timeout: 60_000 });
  } finally {
    fs.rmSync(file);
  }
}

/** Runs a function in a worker; what it returns. */
function inWorker(body, data) {
  const url = JSON.stringify(new URL("../lib/index.cjs", import.meta.url).pathname);
  const text = `const { workerData, parentPort } = require("worker_threads"); const { Ledger } = require(${url});
    (${body})(Ledger, workerData).then((value) => parentPort.postMessage(value));`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(text, { eval: true, workerData: data });
    worker.once("message", resolve).once("error", reject);
  });
}

test("a wait tells of a change since the opening, then of the next", async () => {
  const file = fresh();
  const ledger = new Ledger(file);
  const other = new Ledger(file);
  other.provider("openai").markExhausted();
  assert.equal(await ledger.wait(60_000), true);
  assert.equal(await ledger.wait(0), false);
  const wait = ledger.wait();
  other.provider("openai").markAvailable();
  assert.equal(await wait, true);
  ledger.close();
  other.close();
});

test("a wait tells of an end that passes", async () => {
  const ledger = new Ledger(":memory:");
  ledger.provider("openai").markExhausted(new Date(Date.now() + 250));
  assert.equal(await ledger.wait(60_000), true); // the mark
  assert.equal(await ledger.wait(60_000), true);
  assert.equal(ledger.provider("openai").state(), "available");
  ledger.close();
});

test("several waits and iterators each hear of every change", async () => {
  const ledger = new Ledger(":memory:");
  const openai = ledger.provider("openai");
  const anthropic = ledger.provider("anthropic");
  const end = new Date(Date.now() + 3_600_000);
  openai.markExhausted(end);
  const changes = ledger.changes();
  assert.deepEqual((await changes.next()).value, {
    provider: openai,
    available: false,
    retryAt: end,
    retryAtNs: BigInt(end.getTime()) * 1_000_000n,
  });
  await ledger.wait(); // of the first mark
  const waits = Promise.all([ledger.wait(), ledger.wait(), changes.next()]);
  anthropic.markExhausted();
  const [one, two, { value }] = await waits;
  assert.deepEqual([one, two], [true, true]);
  assert.deepEqual(value, { provider: anthropic, available: false, retryAt: null, retryAtNs: NEVER });
  openai.markAvailable(); // while nobody waits
  assert.deepEqual((await changes.next()).value, { provider: openai, available: true, retryAt: null, retryAtNs: 0n });
  const last = changes.next();
  ledger.close();
  assert.deepEqual(await last, { value: undefined, done: true });
});

test("an abort ends a wait with its reason, and the next wait works", async () => {
  const ledger = new Ledger(":memory:");
  const abort = new AbortController();
  const wait = ledger.wait(undefined, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(wait, /enough/);
  await assert.rejects(ledger.wait(1, { signal: abort.signal }), /enough/);
  const next = ledger.wait();
  ledger.provider("openai").markExhausted();
  assert.equal(await next, true);
  const changes = ledger.changes({ signal: AbortSignal.timeout(20) });
  await assert.rejects(
    async () => {
      for await (const change of changes) assert.equal(change.available, false);
    },
    { name: "TimeoutError" },
  );
  await assert.rejects(ledger.wait("1"), TypeError);
  ledger.close();
});

test("close ends what waits, and the file is free soon after", async () => {
  const file = fresh();
  const ledger = new Ledger(file);
  const waits = [ledger.wait(), ledger.wait(60_000)];
  await new Promise(setImmediate);
  ledger.close();
  for (const wait of waits) await assert.rejects(wait, { code: "TQ_EINVAL", message: /closed while/ });
  for (;;) {
    try {
      await Ledger.compact(file); // needs the file alone: the thread that waited has left it
      break;
    } catch (error) {
      assert.equal(error.code, "TQ_EBUSY");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});

test("a wait takes no thread of libuv's pool, and the event loop goes on", async () => {
  const ledgers = Array.from({ length: 16 }, () => new Ledger(":memory:"));
  const waits = ledgers.map((ledger) => ledger.wait());
  assert.ok((await fs.promises.readFile(new URL(import.meta.url))).length > 0);
  for (const ledger of ledgers) ledger.provider("openai").markExhausted();
  assert.deepEqual(new Set(await Promise.all(waits)), new Set([true]));
  for (const ledger of ledgers) ledger.close();
});

test("a pending wait keeps the process, as a timer does, unless it is told not to", async () => {
  const file = fresh();
  const kept = program(
    `
    const ledger = new Ledger(process.argv[2]);
    console.log(await ledger.wait());`,
    file,
  );
  const ledger = new Ledger(file);
  let done = false;
  kept.finally(() => (done = true)).catch(() => {});
  for (let n = 0; !done; n++) {
    ledger.provider("openai").markExhausted(BigInt(Date.now() + 1e6 + n) * 1_000_000n);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal((await kept).stdout, "true\n");
  const left = await program(`
    const ledger = new Ledger(":memory:");
    ledger.wait(undefined, { ref: false });
    ledger.wait(60_000, { ref: false });
    console.log("left");`);
  assert.equal(left.stdout, "left\n");
  const exited = await program(`
    const ledger = new Ledger(":memory:");
    setTimeout(() => process.exit(0), 20);
    await ledger.wait();`);
  assert.equal(exited.stderr, "");
  ledger.close();
});

test("workers count exactly in one file, each with handles of its own", async () => {
  const file = fresh();
  const counted = await Promise.all(
    Array.from({ length: 4 }, () =>
      inWorker(async (Own, path) => {
        const ledger = new Own(path);
        const openai = ledger.provider("openai");
        for (let n = 0; n < 20_000; n++) openai.observe(3);
        ledger.close();
        return openai.name;
      }, file),
    ),
  );
  assert.deepEqual(counted, ["openai", "openai", "openai", "openai"]);
  const ledger = new Ledger(file);
  assert.equal(ledger.provider("openai").used(), 240_000);
  ledger.close();
});

test("a worker that ends while it waits leaves nothing behind", async () => {
  const file = fresh();
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve, reject) => {
      const url = JSON.stringify(new URL("../lib/index.cjs", import.meta.url).pathname);
      const worker = new Worker(
        `const { Ledger } = require(${url}); const ledger = new Ledger(${JSON.stringify(file)});
         ledger.wait(); ledger.flush(); ledger.provider("openai").observe(1);
         require("worker_threads").parentPort.postMessage("waits");`,
        { eval: true },
      );
      worker.once("error", reject).once("exit", resolve);
      worker.once("message", () => worker.terminate());
    });
  }
  const ledger = new Ledger(file);
  assert.equal(ledger.provider("openai").used(), 3);
  ledger.close();
});

test("a ledger that nobody holds any more is closed by the collector", async () => {
  const child = spawn(process.execPath, [
    "--expose-gc",
    "--input-type=module",
    "-e",
    `
    import fs from "fs";
    import { Ledger } from ${JSON.stringify(new URL("../lib/index.mjs", import.meta.url).href)};
    const open = () => fs.readdirSync("/proc/self/fd").length;
    const before = open();
    for (let n = 0; n < 50; n++) new Ledger(process.argv[1]).provider("openai").observe(1);
    if (open() < before + 40) throw new Error("the ledgers hold no file");
    for (let n = 0; n < 50 && open() > before; n++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
    console.log(open() - before);`,
    fresh(),
  ]);
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (said += data));
  await new Promise((resolve) => child.once("close", resolve));
  assert.equal(said, "0\n");
});

await run();

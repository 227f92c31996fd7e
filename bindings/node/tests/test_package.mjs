// test_package.mjs: the package as users take it: import and require, its types, its version, and the program of its README.
// SPDX-License-Identifier: MIT
import assert from "assert/strict";
import { execFileSync } from "child_process";
import fs from "fs";
import { createRequire } from "module";
import path from "path";
import * as imported from "tokenquota";
import { fresh, run, test } from "./tap.mjs";

const root = new URL("..", import.meta.url).pathname;
const read = (...names) => fs.readFileSync(path.join(root, ...names), "utf8");

/** A project that has the package installed, with one file. */
function project(name, text) {
  const place = fresh("project");
  fs.mkdirSync(path.join(place, "node_modules"), { recursive: true });
  fs.symlinkSync(root, path.join(place, "node_modules", "tokenquota"));
  fs.writeFileSync(path.join(place, name), text);
  return { place, run: () => execFileSync(process.execPath, [name], { cwd: place, encoding: "utf8" }) };
}

test("require gives the objects that import gives", () => {
  const required = createRequire(import.meta.url)("tokenquota");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
  for (const name of Object.keys(required)) assert.equal(required[name], imported[name], name);
});

test("a project can import and require it", () => {
  const said = 'new Ledger(":memory:").provider("openai").observe(1)';
  assert.equal(project("a.cjs", `const { Ledger } = require("tokenquota"); console.log(${said});`).run(), "false\n");
  assert.equal(project("a.mjs", `import { Ledger } from "tokenquota"; console.log(${said});`).run(), "false\n");
});

test("the first program of README runs as it is written", () => {
  const [, program] = read("README.md").match(/```js\n([^]*?)```/);
  const { place, run: start } = project("first.mjs", program);
  assert.match(start(), /^budget spent: 1,200,000 of 1,000,000 tokens used in this UTC day; out until .*\n$/);
  assert.ok(fs.existsSync(path.join(place, "quota.ledger")));
});

test("the types name what is exported, and every member of its classes", () => {
  const types = read("lib", "index.d.cts");
  const declared = [...types.matchAll(/^export (?:const|class|function) (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual([...new Set(declared)].sort(), Object.keys(imported).sort());
  for (const name of ["Ledger", "Provider", "Verdict", "Hold", "UsageStream"]) {
    const [, body] = types.match(new RegExp(`export class ${name}\\b[^{]*{([^]*?)\n}`));
    const typed = new Set([...body.matchAll(/^ {2}(?:static |readonly |get |set )*(\w+)[(?:<]/gm)].map((match) => match[1]));
    const own = Object.getOwnPropertyNames(imported[name].prototype).filter((member) => member !== "constructor");
    for (const member of own) assert.ok(typed.has(member), `${name}.${member} has no type`);
  }
});

test("the fields that the addon gives are those of the types", () => {
  const types = read("lib", "index.d.cts");
  const fieldsOf = (name) => {
    const [, body] = types.match(new RegExp(`export (?:class|interface) ${name}\\b[^{]*{([^]*?)\n}`));
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map((match) => match[1]).sort();
  };
  const ledger = new imported.Ledger(":memory:");
  const openai = ledger.provider("openai");
  openai.setLimit("5M tokens per day");
  const signal = imported.readSignal({ status: 200, headers: { "x-ratelimit-remaining-requests": "5" } });
  const given = {
    Verdict: { ...openai.verdict(), available: true },
    Limit: openai.limits()[0],
    HoldState: (openai.hold(), openai.holds()[0]),
    Signal: { ...signal, exhausted: true },
    Axis: signal.axes[0],
    Usage: imported.readUsage({ usage: { input_tokens: 1 } }),
    Info: ledger.info(),
    Profile: imported.profiles()[0],
    Route: ledger.route([openai]),
    Change: (openai.markExhausted(), ledger.exhausted()[0]),
  };
  for (const [name, object] of Object.entries(given)) assert.deepEqual(Object.keys(object).sort(), fieldsOf(name), name);
  ledger.close();
});

test("what the package needs is in its list of files, and its version is that of the header", () => {
  const { version, files, exports, main, types } = JSON.parse(read("package.json"));
  const header = read("..", "..", "include", "tokenquota.h");
  const parts = ["MAJOR", "MINOR", "PATCH"].map((part) => header.match(new RegExp(`#define TQ_VERSION_${part} (\\d+)`))[1]);
  assert.deepEqual([version, imported.version], [parts.join("."), parts.join(".")]);
  for (const file of [main, types, ...Object.values(exports["."]).flatMap(Object.values)])
    assert.ok(fs.existsSync(path.join(root, file)) && file.startsWith("./lib/"), file);
  for (const file of ["lib/", "src/", "csrc/", "scripts/", "prebuilds/", "binding.gyp", "README.md", "LICENSE"])
    assert.ok(files.includes(file), file);
});

await run();

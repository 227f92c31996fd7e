// install.cjs: builds the addon, unless a prebuilt one works here: by node-gyp, with Node's own headers when they are installed.
// SPDX-License-Identifier: MIT
"use strict";
const { spawnSync } = require("child_process");
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const cc = process.env.CC || "cc";

function works(program, ...words) {
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}

/** The folder above include/node: where Node was installed, or where Debian's libnode-dev puts it. */
function nodeFolder() {
  const given = process.env.npm_config_nodedir;
  const places = given ? [given] : [path.join(fs.realpathSync(process.execPath), "..", ".."), "/usr"];
  return places.find((place) => fs.existsSync(path.join(place, "include", "node", "node_api.h")));
}

function hasPrebuilt() {
  fs.rmSync(path.join(root, "build", "Release", "tokenquota.node"), { force: true }); // what an earlier install left
  try {
    require("../lib/native.cjs");
    return true;
  } catch {
    return false;
  }
}

function run(program, words, env = {}) {
  const { status, error } = spawnSync(program, words, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (error) console.error(`tokenquota: ${program}: ${error.message}`);
  return status ?? 1;
}

/** There is no C++ here, so the C compiler links, too: g++ need not be there. */
function byNodeGyp(folder) {
  const words = ["rebuild", ...(folder ? [`--nodedir=${folder}`] : [])];
  const env = { LINK: cc, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}` };
  const gyp = process.env.npm_config_node_gyp;
  return gyp ? run(process.execPath, [gyp, ...words], env) : run("node-gyp", words, env);
}

/** What node-gyp would do, where it or make is not installed. */
function byCompiler(folder) {
  const { sources } = require("./sources.cjs");
  fs.mkdirSync(path.join(root, "build", "Release"), { recursive: true });
  return run(cc, [
    "-shared",
    "-fPIC",
    "-O2",
    ...(process.env.CFLAGS ?? "").split(/\s+/).filter(Boolean),
    "-fvisibility=hidden",
    "-pthread",
    "-DTQ_API=",
    "-DNDEBUG",
    "-D_GNU_SOURCE=",
    "-Icsrc",
    `-I${path.join(folder, "include", "node")}`,
    "-o",
    "build/Release/tokenquota.node",
    ...sources(),
    "-Wl,-z,nodelete",
  ]);
}

function main() {
  if (hasPrebuilt()) return 0;
  const folder = nodeFolder();
  const gyp = process.env.npm_config_node_gyp || works("node-gyp", "--version");
  return folder && !(gyp && works("make", "--version")) ? byCompiler(folder) : byNodeGyp(folder);
}

process.exitCode = main();

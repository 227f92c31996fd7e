// native.cjs: finds the addon: a prebuilt one for this machine, else the one that `npm install` built.
// SPDX-License-Identifier: MIT
"use strict";
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");

/** Where an addon may be, the first that exists first. TOKENQUOTA_ADDON names another file, for tests. */
function places() {
  if (process.env.TOKENQUOTA_ADDON) return [path.resolve(process.env.TOKENQUOTA_ADDON)];
  const platform = `${process.platform}-${process.arch}`;
  return [
    path.join(root, "prebuilds", platform, "tokenquota.node"),
    path.join(root, "prebuilds", `${platform}-musl`, "tokenquota.node"),
    path.join(root, "build", "Release", "tokenquota.node"),
  ];
}

/** Loads the first that can be loaded: one that was built for another libc cannot. */
function load() {
  const faults = [];
  for (const place of places()) {
    if (!fs.existsSync(place)) continue;
    try {
      return require(place);
    } catch (fault) {
      faults.push(`${place}: ${fault.message}`);
    }
  }
  throw new Error(
    faults.length
      ? `tokenquota: its addon cannot be loaded: ${faults.join("; ")}`
      : `tokenquota: its addon was not built. Run \`npm rebuild tokenquota\`, or \`npm install\` in ${root}`,
  );
}

module.exports = load();

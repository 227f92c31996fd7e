// sources.cjs: prints the C sources of the addon. In a clone it first makes the amalgamation, in csrc/.
// SPDX-License-Identifier: MIT
//
//     node scripts/sources.cjs           for binding.gyp
//     node scripts/sources.cjs --pack    for npm pack: also copies the licence
"use strict";
const { execFileSync } = require("child_process");
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const clone = path.join(root, "..", "..");

/** Names of the sources, relative to the package. */
function sources() {
  if (fs.existsSync(path.join(clone, "bindings", "core.c"))) {
    const python = process.env.npm_config_python || process.env.PYTHON || "python3";
    execFileSync(python, [path.join(clone, "tools", "amalgamate.py"), path.join(root, "csrc")], { stdio: "inherit" });
  } else if (!fs.existsSync(path.join(root, "csrc", "tokenquota.c"))) {
    // npm 9 copies a folder instead of linking it, without what lies above it.
    console.error("tokenquota: the C sources are not here: npm copied the folder out of its clone. Install it by a link:");
    console.error("    npm install --install-links=false PATH-OF-THE-CLONE/bindings/node");
    process.exit(1);
  }
  return [
    "csrc/tokenquota.c",
    ...fs
      .readdirSync(path.join(root, "src"))
      .filter((name) => name.endsWith(".c"))
      .sort()
      .map((name) => `src/${name}`),
  ];
}

module.exports = { sources };

if (require.main === module) {
  const list = sources();
  if (process.argv[2] === "--pack") fs.copyFileSync(path.join(clone, "LICENSE"), path.join(root, "LICENSE"));
  else console.log(list.join("\n"));
}

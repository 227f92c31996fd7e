// index.d.mts: the types of the package for import: those for require().
// SPDX-License-Identifier: MIT
export * from "./index.cjs";

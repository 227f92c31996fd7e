# binding.gyp: the addon, from src/ and the amalgamation in csrc/, which scripts/sources.cjs makes in a clone.
# SPDX-License-Identifier: MIT
{
  "targets": [
    {
      "target_name": "tokenquota",
      "sources": ["<!@(node scripts/sources.cjs)"],
      "include_dirs": ["csrc"],
      "defines": ["TQ_API=", "NDEBUG", "_GNU_SOURCE="],
      "cflags": ["-O2", "-fvisibility=hidden", "-pthread"],
      "ldflags": ["-pthread", "-Wl,-z,nodelete"],
    },
  ],
}

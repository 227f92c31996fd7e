# metrics_text.py: reads metrics as strictly as both forms ask for, Prometheus's text 0.0.4 and OpenMetrics 1.0.
# SPDX-License-Identifier: MIT
#
# For the tests. read() gives the samples, or raises ValueError with the line that is wrong.
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(r"(%s)(?:\{(%s(?:,%s)*)\})? (-?[0-9]+(?:\.[0-9]+)?)$" % (NAME, LABEL, LABEL))
PARTS = {"gauge": [""], "counter": ["_total"], "info": ["_info"], "histogram": ["_bucket", "_sum", "_count"]}


def undo(value):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], value)


class Reader:
    def __init__(self, openmetrics):
        self.openmetrics = openmetrics
        self.families, self.samples = {}, {}
        self.family = self.begun = None

    def head(self, word, name, rest):
        if name in self.families and (self.begun or word in self.families[name]):
            raise ValueError("a second %s of %s" % (word, name))
        if self.begun or self.family is None or name != self.family:
            self.family, self.begun = name, False
            self.families[name] = {}
        self.families[name][word] = rest
        if word == "UNIT" and not name.endswith("_" + rest):
            raise ValueError("%s does not end with its unit %s" % (name, rest))

    def allowed(self):
        kind = self.families[self.family]["TYPE"]
        if not self.openmetrics and kind == "counter":
            return [self.family] if self.family.endswith("_total") else []
        return [self.family + part for part in PARTS[kind]]

    def sample(self, line):
        match = SAMPLE.match(line)
        if not match or self.family is None:
            raise ValueError("no sample")
        labels = tuple(sorted((name, undo(value)) for name, value in re.findall(LABEL, match[2] or "")))
        if len({name for name, value in labels}) < len(labels) or not all(value for name, value in labels):
            raise ValueError("a label twice, or empty")
        if match[1] not in self.allowed():
            raise ValueError("a sample of another family than %s" % self.family)
        if (match[1], labels) in self.samples:
            raise ValueError("the same series twice")
        self.begun = True
        self.samples[match[1], labels] = float(match[len(match.groups())])


def read(text, openmetrics=False):
    """Samples by (name, ((label, value), ...)), and families with their HELP, TYPE and UNIT."""
    reader = Reader(openmetrics)
    lines = text.split("\n")
    if lines.pop() != "":
        raise ValueError("the last line does not end")
    if openmetrics and (not lines or lines.pop() != "# EOF"):
        raise ValueError("no # EOF at the end")
    for number, line in enumerate(lines, 1):
        try:
            head = re.match(r"# (HELP|TYPE|UNIT) (%s) (.+)$" % NAME, line)
            reader.head(*head.groups()) if head else reader.sample(line)
        except (ValueError, KeyError) as wrong:
            raise ValueError("line %d: %s: %s" % (number, wrong, line))
    for name, family in reader.families.items():
        if "HELP" not in family or "TYPE" not in family or not any(key[0].startswith(name) for key in reader.samples):
            raise ValueError("%s has no help, no type or no sample" % name)
    return reader.samples, reader.families

# make-sample.awk: make sample/usage.csv, four days of an invented team's calls to four providers.
#
# SPDX-License-Identifier: MIT
#
#     awk -f sample/make-sample.awk > sample/usage.csv
#
# The same bytes from every POSIX awk: the random numbers are this file's own (whole numbers below 2^53 that
# doubles hold exactly), and nothing depends on rand(), on the order of arrays or on the locale.

# 1 to 2^31 - 2: the generator of Park and Miller.
function random() {
    seed = (seed * 48271) % 2147483647
    return seed
}

# 0 to n - 1.
function below(n) {
    return random() % n
}

# One call at a random second of the hour; most are small, few are large.
function call(provider, input_most, output_most,    second, input, output) {
    second = below(3600)
    input = 200 + int(below(input_most) * (below(1000) + below(1000)) / 1000)
    output = 20 + int(below(output_most) * below(1000) / 1000)
    line[second] = line[second] "," provider "," input "," output "\n"
}

# So many calls in each of the hours from first to last.
function calls(provider, first, last, count, input_most, output_most,    i) {
    if (hour < first || hour > last)
        return
    for (i = count + below(5) - 2; i > 0; i--)
        call(provider, input_most, output_most)
}

# A team in Europe: people from 7 to 18, a batch at night, and on Wednesday an evening before a release.
function one_hour() {
    calls("openai", 7, 18, day == 3 ? 22 : 27, 30000, 4000)
    calls("anthropic", 7, 18, 20, 24000, 6000)
    calls("anthropic/claude-sonnet-4.6", 8, 17, 9, 50000, 5000)
    if (day == 4)
        calls("anthropic/claude-sonnet-4.6", 18, 22, 45, 50000, 5000)
    calls("gemini", 1, 2, 55, 16000, 2000)
    calls("gemini", 9, 16, 10, 9000, 3000)
}

BEGIN {
    seed = 20260302
    print "timestamp,provider,input_tokens,output_tokens"
    for (day = 2; day <= 5; day++)
        for (hour = 0; hour < 24; hour++) {
            if (day == 5 && hour > 14)
                break
            split("", line)
            one_hour()
            for (second = 0; second < 3600; second++) {
                count = split(line[second], rest, "\n")
                for (i = 1; i < count; i++)
                    printf "2026-03-%02dT%02d:%02d:%02dZ%s\n", day, hour, int(second / 60), second % 60, rest[i]
            }
        }
}

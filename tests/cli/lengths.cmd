. ./say.sh
for length in 15m 1h30m 90s 2d 500ms 1d2h3m4s5ms; do
    say mark p exhausted --for $length --at $A
done
for length in 0s 15 3x -5m 1h-5m 99999999d 99999999999999999999s 10000000000d ''; do
    say mark p exhausted --for "$length" --at $A
done

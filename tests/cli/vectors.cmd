# The vectors that are made of calls the command has, each call a process of its own.
python3 vectors.py "$TQ" "$cases/../vectors/seed-vectors.txt"

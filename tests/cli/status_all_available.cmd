. ./fill.sh
say status --at 2025-03-05T12:00:00Z
say forget openrouter openai gemini anthropic/claude-sonnet-4.6 mistral --yes
say status --at $A
say forget local -y
say status --at $A

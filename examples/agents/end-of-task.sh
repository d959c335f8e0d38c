#!/bin/sh
# Judge what a task changed: the text on standard output, and the exit code of `check`.
# With a second argument, for hosts whose hooks hand back standard error for one exit code: text and code are given so.
ref=${1:-origin/main}
code=$2
text=$(pytest-antipasta check --diff "$ref" --format agent 2>&1)
status=$?
if [ "$status" -ne 0 ] && [ -n "$code" ]; then
    printf '%s\n' "$text" >&2
    exit "$code"
fi
printf '%s\n' "$text"
exit "$status"

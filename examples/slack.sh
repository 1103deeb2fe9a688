#!/bin/sh
# Posts last week's report to a Slack channel: `SLACK_WEBHOOK=https://... examples/slack.sh org:acme`.
# What follows the scope are options of copilot-usage. PERIOD is the period, last-week unless it is set.
set -eu
scope=$1
shift
: "${SLACK_WEBHOOK:?is the address that Slack gives to an incoming webhook}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

copilot-usage report "$scope" "$@" -q --json -o "$work/usage.json"
report() { copilot-usage report "$scope" --input "$work/usage.json" --period "${PERIOD:-last-week}" --top 5 "$@"; }
report -f markdown > "$work/report.md"
report -f summary > "$work/summary.txt"

# Slack draws no Mermaid and folds nothing, ends a block after 12,000 characters, and calls everybody for <!here>, which
# may be a name in somebody's data: <, > and & are escaped.
jq -n --rawfile report "$work/report.md" --rawfile summary "$work/summary.txt" '
  def escaped: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
  ($summary | rtrimstr("\n") | escaped) as $short
  | ($report | gsub("(?s)```mermaid.*?```\n+"; "") | gsub("(?s)<details>.*?</details>\n+"; "") | gsub("</?sub>"; "")
    | escaped) as $long
  | {text: $short, blocks: [{type: "markdown", text: (if ($long | length) > 12000 then $short else $long end)}]}
' > "$work/message.json"

# The address is a secret, which an argument would show to everybody on the machine.
printf 'url = "%s"\n' "$SLACK_WEBHOOK" |
  curl --silent --show-error --fail --config - --header 'Content-Type: application/json' \
    --data-binary "@$work/message.json" --output "$work/answer"

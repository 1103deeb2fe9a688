#!/bin/sh
# Posts a report to a Slack channel: `SLACK_WEBHOOK=https://hooks.slack.com/... examples/slack.sh org:acme`.
# What follows the scope are options of copilot-usage; PERIOD is the period, last-week unless it is set.
set -eu
scope=${1:?say whose usage: org:acme}
shift
period=${PERIOD:-last-week}
case ${SLACK_WEBHOOK:?is the address that Slack gives to an incoming webhook} in
  *[!A-Za-z0-9./:_-]*) echo "SLACK_WEBHOOK is not an address" >&2; exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM

for format in markdown summary; do
  copilot-usage report "$scope" "$@" -q --period "$period" --compare previous --top 5 -f $format > "$work/$format"
done

# Slack draws no Mermaid and folds nothing, so these go; names never begin a line. It ends a block after 12,000 characters,
# and calls everybody for <!here>, which may be a name in somebody's data: <, > and & are escaped.
jq -n --rawfile report "$work/markdown" --rawfile summary "$work/summary" '
  def escaped: gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");
  ($report
    | gsub("(?s)(^|\n)```mermaid\n.*?\n```(?=\n)"; "") | gsub("(^|\n)Left out of the chart[^\n]*"; "")
    | gsub("(?s)(^|\n)<details>.*?\n</details>(?=\n)"; "") | gsub("\n<sub>(?<made>[^\n]*)</sub>\n*$"; "\n\(.made)")
    | gsub("\n\n+"; "\n\n") | escaped) as $long
  | {
      text: ($summary | escaped),
      blocks: [
        if ($long | length) <= 12000 then {type: "markdown", text: $long}
        else {type: "section", text: {type: "plain_text", text: $summary[:3000]}} end
      ]
    }
' > "$work/message.json"

# The address is a secret, which an argument would show to everybody on the machine.
printf 'url = "%s"\n' "$SLACK_WEBHOOK" |
  curl --silent --show-error --fail --config - --header 'Content-Type: application/json' \
    --data-binary "@$work/message.json" --output "$work/answer"

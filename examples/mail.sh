#!/bin/sh
# Mails last week's report, from cron say: `examples/mail.sh boss@example.com org:acme`.
# The mail has three sentences and the page; the page is attached, too, because mail programs draw no charts.
# What follows the scope are options of copilot-usage. PERIOD is the period, last-week unless it is set. It needs sendmail.
set -eu
to=$1
scope=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

copilot-usage report "$scope" "$@" -q --json -o "$work/usage.json"
report() { copilot-usage report "$scope" --input "$work/usage.json" --period "${PERIOD:-last-week}" "$@"; }
report -f summary > "$work/summary.txt"
report --compare previous -o "$work/report.html"

part() { printf -- '--%s\nContent-Type: %s; charset=utf-8\nContent-Transfer-Encoding: base64\n' "$1" "$2"; }
{
  printf 'To: %s\nSubject: Copilot usage: %s\nMIME-Version: 1.0\n' "$to" "${PERIOD:-last-week}"
  printf 'Content-Type: multipart/mixed; boundary=outer\n\n--outer\n'
  printf 'Content-Type: multipart/alternative; boundary=inner\n\n'
  part inner text/plain
  echo && base64 "$work/summary.txt"
  part inner text/html
  echo && base64 "$work/report.html"
  printf -- '--inner--\n'
  part outer text/html
  printf 'Content-Disposition: attachment; filename=copilot.html\n\n' && base64 "$work/report.html"
  printf -- '--outer--\n'
} | sendmail -t

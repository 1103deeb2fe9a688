#!/bin/sh
# Mails a report, from cron say: `examples/mail.sh boss@example.com org:acme`.
# The mail has three sentences and the page; the page is attached, too, because mail programs draw no charts.
# What follows the scope are options of copilot-usage; PERIOD is the period, last-week unless it is set. It needs sendmail.
set -eu
to=${1:?say to whom: boss@example.com}
scope=${2:?say whose usage: org:acme}
shift 2
period=${PERIOD:-last-week}
case $to in *[!A-Za-z0-9@._+-]*) echo "not an address: $to" >&2; exit 2 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM

for format in summary html; do
  copilot-usage report "$scope" "$@" -q --period "$period" --compare previous -f $format > "$work/$format"
done

part() { printf -- '--%s\nContent-Type: %s; charset=utf-8\nContent-Transfer-Encoding: base64\n' "$1" "$2"; }
{
  printf 'To: %s\nSubject: Copilot usage of %s, %s\nMIME-Version: 1.0\n' "$to" "$scope" "$period"
  printf 'Content-Type: multipart/mixed; boundary=outer\n\n--outer\n'
  printf 'Content-Type: multipart/alternative; boundary=inner\n\n'
  part inner text/plain
  echo && base64 "$work/summary"
  part inner text/html
  echo && base64 "$work/html"
  printf -- '--inner--\n'
  part outer text/html
  printf 'Content-Disposition: attachment; filename=copilot.html\n\n' && base64 "$work/html"
  printf -- '--outer--\n'
} > "$work/mail"
sendmail -t < "$work/mail"

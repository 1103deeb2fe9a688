# One line per day, language and editor, tab-separated: for spreadsheets and databases. Use with jq -r.
.[] | .day as $day | (.breakdown // [])[] | [$day, .language, .editor, .suggestions_count, .acceptances_count] | @tsv

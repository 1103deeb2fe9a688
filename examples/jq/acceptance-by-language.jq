# The acceptance rate of each language with at least 100 suggestions: sums over sums, best first.
[.[].breakdown // [] | .[]]
| group_by(.language)
| map({
    language: .[0].language,
    suggestions: (map(.suggestions_count) | add),
    acceptances: (map(.acceptances_count) | add)
  } | select(.suggestions >= 100) | . + {rate: (.acceptances / .suggestions)})
| sort_by(-.rate)

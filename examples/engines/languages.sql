-- The ten largest languages of all teams. Who is in two teams counts in both.
SELECT language, sum(suggestions_count) AS suggestions, sum(acceptances_count) AS acceptances,
  1e0 * sum(acceptances_count) FILTER (WHERE suggestions_count IS NOT NULL)
    / nullif(sum(suggestions_count) FILTER (WHERE acceptances_count IS NOT NULL), 0) AS acceptance_rate
FROM breakdown
WHERE kind = 'team'
GROUP BY language
ORDER BY suggestions DESC NULLS LAST, language
LIMIT 10

-- Every team in the 365 days that end with the last one held.
SELECT host, enterprise, organization, team, count(*) AS days,
  sum(total_suggestions_count) AS suggestions, sum(total_acceptances_count) AS acceptances,
  1e0 * sum(total_acceptances_count) FILTER (WHERE total_suggestions_count IS NOT NULL)
    / nullif(sum(total_suggestions_count) FILTER (WHERE total_acceptances_count IS NOT NULL), 0) AS acceptance_rate,
  avg(1e0 * total_active_users) AS active_users_mean, max(total_active_users) AS active_users_peak
FROM days
WHERE kind = 'team' AND day > (SELECT max(day) FROM days) - INTERVAL '365' DAY
GROUP BY 1, 2, 3, 4
ORDER BY host, enterprise NULLS LAST, organization NULLS LAST, team

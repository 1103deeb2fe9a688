-- Each organization by week, which is named by its Monday. Users are never added up: the mean a day, and the peak.
SELECT host, organization, CAST(date_trunc('week', day) AS date) AS week, count(*) AS days,
  sum(total_suggestions_count) AS suggestions, sum(total_acceptances_count) AS acceptances,
  1e0 * sum(total_acceptances_count) FILTER (WHERE total_suggestions_count IS NOT NULL)
    / nullif(sum(total_suggestions_count) FILTER (WHERE total_acceptances_count IS NOT NULL), 0) AS acceptance_rate,
  avg(1e0 * total_active_users) AS active_users_mean, max(total_active_users) AS active_users_peak
FROM days
WHERE kind = 'org'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

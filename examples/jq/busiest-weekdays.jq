# Mean active users by day of the week, over the days on which they are known.
map(select(.total_active_users != null)
  | {weekday: (.day | strptime("%Y-%m-%d") | mktime | strftime("%a")), users: .total_active_users})
| group_by(.weekday)
| map({weekday: .[0].weekday, days: length, mean_users: ((map(.users) | add) / length)})
| sort_by(-.mean_users, .weekday)

-- Counts the users who are in no row of the list, and why. The same for PostgreSQL and SQLite. Reads only.
SELECT
  CASE
    WHEN deactivated <> 0 THEN 'deactivated'
    WHEN is_guest <> 0 THEN 'guest'
    WHEN COALESCE(appservice_id, '') <> '' THEN 'application_service'
    ELSE 'bot_or_support'
  END AS left_out,
  COUNT(*) AS users
FROM users
WHERE deactivated <> 0 OR is_guest <> 0 OR COALESCE(appservice_id, '') <> '' OR COALESCE(user_type, '') <> ''
GROUP BY 1
ORDER BY 1;

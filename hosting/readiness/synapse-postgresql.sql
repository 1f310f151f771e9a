-- Who is ready: one row for each user of a Synapse on PostgreSQL. README.md beside this file says how to run it.
-- Reads only. README.md has the states; the first that fits is told.
-- A text that is no JSON counts as not there, and stops nothing.
\set ON_ERROR_STOP on
\set QUIET on

-- Before version 16, PostgreSQL can only try whether a text is JSON. This function is gone when the connection ends.
-- PostgreSQL refuses the character U+0000, which users can write.
CREATE FUNCTION pg_temp.readable(content text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN replace(content, '\u0000', '\ufffd')::jsonb;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END
$$;

-- From here on, PostgreSQL itself refuses whatever writes.
BEGIN TRANSACTION READ ONLY;

-- PostgreSQL knows no figures of what a query makes on its way, and would compare all users with all.
SET LOCAL enable_nestloop = off;
-- The costs that it then takes for granted would have it compile for a second what runs for less.
SET LOCAL jit = off;

WITH
people (user_id) AS (
  SELECT name FROM users
  WHERE deactivated = 0 AND is_guest = 0 AND COALESCE(appservice_id, '') = '' AND COALESCE(user_type, '') = ''
),

-- The account data that matter: all events of a user in one object, with null for a content that cannot be read.
written (user_id, events) AS (
  SELECT user_id, jsonb_object_agg(account_data_type, pg_temp.readable(content)) FROM account_data
  WHERE account_data_type LIKE 'm.secret\_storage.%' OR account_data_type IN (
    'm.cross_signing.master', 'm.cross_signing.self_signing', 'm.cross_signing.user_signing', 'm.megolm_backup.v1',
    'm.key_backup', 'm.org.matrix.custom.backup_disabled'
  )
  GROUP BY user_id
),

-- The default key that is named. An event that was emptied names nothing.
named (user_id, events, is_named, key_id) AS (
  SELECT
    people.user_id,
    events,
    COALESCE(events -> 'm.secret_storage.default_key' NOT IN ('{}', 'null'), FALSE),
    CASE WHEN jsonb_typeof(events -> 'm.secret_storage.default_key' -> 'key') = 'string'
      THEN NULLIF(events -> 'm.secret_storage.default_key' ->> 'key', '') END
  FROM people
  LEFT JOIN written ON written.user_id = people.user_id
),

-- The same, with NULL for a key that no description tells the algorithm of: apps cannot use it.
storage (user_id, events, is_named, key_id) AS (
  SELECT
    user_id,
    events,
    is_named,
    CASE WHEN jsonb_typeof(events -> ('m.secret_storage.key.' || key_id) -> 'algorithm') = 'string' THEN key_id END
  FROM named
),

-- Counts the four secrets that are stored under any key, and those under the default key.
secrets (user_id, is_named, key_id, is_switched_off, stored, under_default) AS (
  SELECT
    user_id,
    is_named,
    key_id,
    COALESCE(events -> 'm.key_backup' -> 'enabled' = 'false', FALSE)
      OR COALESCE(events -> 'm.org.matrix.custom.backup_disabled' -> 'disabled' = 'true', FALSE),
    stored,
    under_default
  FROM storage
  CROSS JOIN LATERAL (
    SELECT
      COUNT(*) FILTER (WHERE jsonb_typeof(entries) = 'object' AND entries <> '{}'),
      COUNT(*) FILTER (WHERE jsonb_typeof(entries) = 'object' AND entries -> key_id IS NOT NULL)
    FROM (VALUES
      (events -> 'm.cross_signing.master' -> 'encrypted'),
      (events -> 'm.cross_signing.self_signing' -> 'encrypted'),
      (events -> 'm.cross_signing.user_signing' -> 'encrypted'),
      (events -> 'm.megolm_backup.v1' -> 'encrypted')
    ) AS secret (entries)
  ) AS counted (stored, under_default)
),

identities (user_id) AS (SELECT DISTINCT user_id FROM e2e_cross_signing_keys WHERE keytype = 'master'),

-- The newest backup version that was not deleted.
newest (user_id, algorithm, auth_data) AS (
  SELECT DISTINCT ON (user_id) user_id, algorithm, pg_temp.readable(auth_data)
  FROM e2e_room_keys_versions WHERE deleted = 0 ORDER BY user_id, version DESC
),

-- Apps can use a version whose algorithm and public key they know: 32 bytes in base64, which early Nheko wrote twice.
backups (user_id, is_usable) AS (
  SELECT
    user_id,
    algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2'
      AND COALESCE(jsonb_typeof(auth_data -> 'public_key') = 'string', FALSE)
      AND LENGTH(RTRIM(auth_data ->> 'public_key', '=')) IN (43, 58, 59)
      AND RTRIM(auth_data ->> 'public_key', '=') !~ '[^A-Za-z0-9+/_-]'
  FROM newest
),

with_keys (user_id, device_id, keys) AS (
  SELECT user_id, device_id, pg_temp.readable(key_json) FROM e2e_device_keys_json
),

-- Devices with keys, without those of the page itself and without dehydrated ones. Any device counts as a use.
used (user_id, devices, last_seen) AS (
  SELECT
    user_id,
    COUNT(*) FILTER (
      WHERE keys IS NOT NULL AND device_data IS NULL
        AND COALESCE(display_name, '') <> 'Key backup page (temporary)'
        AND COALESCE(keys -> 'dehydrated' <> 'true', TRUE)
    ),
    MAX(last_seen)
  FROM devices
  LEFT JOIN with_keys USING (user_id, device_id)
  LEFT JOIN dehydrated_devices USING (user_id, device_id)
  WHERE NOT hidden
  GROUP BY user_id
)

SELECT
  secrets.user_id,
  CASE
    WHEN is_switched_off THEN 'opted_out'
    WHEN identities.user_id IS NOT NULL AND under_default = 4 AND is_usable THEN 'ready'
    WHEN key_id IS NOT NULL THEN 'incomplete'
    WHEN backups.user_id IS NOT NULL THEN 'backup_without_key'
    WHEN identities.user_id IS NULL AND NOT is_named AND stored = 0 AND COALESCE(devices, 0) = 0
      THEN 'never_encrypted'
    ELSE 'nothing'
  END AS state,
  NULL AS apps,
  COALESCE(devices, 0) AS devices,
  TO_CHAR(TO_TIMESTAMP(last_seen / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS last_seen
FROM secrets
LEFT JOIN identities ON identities.user_id = secrets.user_id
LEFT JOIN backups ON backups.user_id = secrets.user_id
LEFT JOIN used ON used.user_id = secrets.user_id
ORDER BY secrets.user_id COLLATE "C";

COMMIT;

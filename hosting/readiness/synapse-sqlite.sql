-- Who is ready: one row for each user of a Synapse on SQLite. README.md beside this file says how to run it.
-- Reads only. README.md has the states; the first that fits is told.
-- Needs SQLite 3.38. A text that is no JSON counts as not there, and stops nothing.
WITH
people (user_id) AS (
  SELECT name FROM users
  WHERE deactivated = 0 AND is_guest = 0 AND COALESCE(appservice_id, '') = '' AND COALESCE(user_type, '') = ''
),

-- The account data that matter, with NULL for a content that cannot be read.
written (user_id, type, content) AS (
  SELECT user_id, account_data_type, CASE WHEN json_valid(content) THEN content END FROM account_data
  WHERE account_data_type GLOB 'm.secret_storage.*' OR account_data_type IN (
    'm.cross_signing.master', 'm.cross_signing.self_signing', 'm.cross_signing.user_signing', 'm.megolm_backup.v1',
    'm.key_backup', 'm.org.matrix.custom.backup_disabled'
  )
),

-- The default key that is named. An event that was emptied names nothing.
named (user_id, is_named, key_id) AS (
  SELECT
    people.user_id,
    EXISTS (SELECT 1 FROM json_each(content)),
    CASE WHEN json_type(content, '$.key') = 'text' THEN NULLIF(json_extract(content, '$.key'), '') END
  FROM people
  LEFT JOIN written ON written.user_id = people.user_id AND type = 'm.secret_storage.default_key'
),

-- The same, with NULL for a key that no description tells the algorithm of: apps cannot use it.
storage (user_id, is_named, key_id) AS (
  SELECT named.user_id, is_named, CASE WHEN json_type(content, '$.algorithm') = 'text' THEN key_id END
  FROM named
  LEFT JOIN written ON written.user_id = named.user_id AND type = 'm.secret_storage.key.' || key_id
),

-- Counts the four secrets that are stored under any key, and those under the default key.
secrets (user_id, stored, under_default) AS (
  SELECT
    storage.user_id,
    TOTAL(EXISTS (SELECT 1 FROM json_each(content, '$.encrypted'))),
    TOTAL(EXISTS (SELECT 1 FROM json_each(content, '$.encrypted') WHERE key = key_id))
  FROM storage
  JOIN written ON written.user_id = storage.user_id
  WHERE json_type(content, '$.encrypted') = 'object' AND type IN (
    'm.cross_signing.master', 'm.cross_signing.self_signing', 'm.cross_signing.user_signing', 'm.megolm_backup.v1'
  )
  GROUP BY storage.user_id
),

switched_off (user_id) AS (
  SELECT user_id FROM written WHERE type = 'm.key_backup' AND json_type(content, '$.enabled') = 'false'
  UNION
  SELECT user_id FROM written
  WHERE type = 'm.org.matrix.custom.backup_disabled' AND json_type(content, '$.disabled') = 'true'
),

identities (user_id) AS (SELECT DISTINCT user_id FROM e2e_cross_signing_keys WHERE keytype = 'master'),

-- The newest backup version that was not deleted. SQLite takes the other columns from the row that has the MAX.
newest (user_id, version, algorithm, auth_data) AS (
  SELECT user_id, MAX(version), algorithm, CASE WHEN json_valid(auth_data) THEN auth_data END
  FROM e2e_room_keys_versions WHERE deleted = 0 GROUP BY user_id
),

-- Apps can use a version whose algorithm and public key they know: 32 bytes in base64, which early Nheko wrote twice.
backups (user_id, is_usable) AS (
  SELECT
    user_id,
    algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2'
      AND COALESCE(json_type(auth_data, '$.public_key') = 'text', FALSE)
      AND LENGTH(RTRIM(json_extract(auth_data, '$.public_key'), '=')) IN (43, 58, 59)
      AND RTRIM(json_extract(auth_data, '$.public_key'), '=') NOT GLOB '*[^A-Za-z0-9+/_-]*'
  FROM newest
),

-- Devices with keys, without those of the page itself and without dehydrated ones. Any device counts as a use.
used (user_id, devices, last_seen) AS (
  SELECT
    devices.user_id,
    TOTAL(
      json_valid(key_json) AND dehydrated_devices.device_id IS NULL
        AND COALESCE(display_name, '') <> 'Key backup page (temporary)'
        AND CASE WHEN json_valid(key_json) THEN COALESCE(json_type(key_json, '$.dehydrated'), '') <> 'true' END
    ),
    MAX(last_seen)
  FROM devices
  LEFT JOIN e2e_device_keys_json USING (user_id, device_id)
  LEFT JOIN dehydrated_devices USING (user_id, device_id)
  WHERE NOT hidden
  GROUP BY devices.user_id
)

SELECT
  people.user_id AS user_id,
  CASE
    WHEN switched_off.user_id IS NOT NULL THEN 'opted_out'
    WHEN identities.user_id IS NOT NULL AND under_default = 4 AND is_usable THEN 'ready'
    WHEN key_id IS NOT NULL THEN 'incomplete'
    WHEN backups.user_id IS NOT NULL THEN 'backup_without_key'
    WHEN identities.user_id IS NULL AND NOT is_named AND COALESCE(stored, 0) = 0 AND COALESCE(devices, 0) = 0
      THEN 'never_encrypted'
    ELSE 'nothing'
  END AS state,
  NULL AS apps,
  CAST(COALESCE(devices, 0) AS INTEGER) AS devices,
  DATE(last_seen / 1000, 'unixepoch') AS last_seen
FROM people
JOIN storage ON storage.user_id = people.user_id
LEFT JOIN secrets ON secrets.user_id = people.user_id
LEFT JOIN switched_off ON switched_off.user_id = people.user_id
LEFT JOIN identities ON identities.user_id = people.user_id
LEFT JOIN backups ON backups.user_id = people.user_id
LEFT JOIN used ON used.user_id = people.user_id
ORDER BY people.user_id;

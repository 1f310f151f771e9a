// The SQL of hosting/readiness/ tells of each user what is stored, on a real Synapse with the database that it was told to
// use: SQLite always, PostgreSQL by `make readiness`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { startHomeserver } from "../support/server/homeserver.mjs";
import { startPostgresql } from "../support/server/postgresql.mjs";

const file = (name) => fileURLToPath(new URL(`../../hosting/readiness/${name}`, import.meta.url));
const password = "correct horse";
const HEADER = "user_id,state,apps,devices,last_seen";

const key = (bytes = 32) => randomBytes(bytes).toString("base64").replace(/=+$/, "");
const DESCRIPTION = { algorithm: "m.secret_storage.v1.aes-hmac-sha2", iv: key(16), mac: key() };
const BACKUP = "m.megolm_backup.v1.curve25519-aes-sha2";
const IDENTITY_KEYS = ["master", "self_signing", "user_signing"].map((name) => `m.cross_signing.${name}`);
const BACKUP_KEY = "m.megolm_backup.v1";

/** Sends a request of the client API or of Synapse's administration, and returns the answer. */
async function ask({ url }, method, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/${path}`, { method, headers, body: JSON.stringify(body) });
  const said = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
  return said;
}

/** Signs in with the password, as a device without keys. */
async function signIn(server, id, initial_device_display_name = "App without encryption") {
  const identifier = { type: "m.id.user", user: id };
  const body = { type: "m.login.password", identifier, password, initial_device_display_name };
  const { access_token, device_id } = await ask(server, "POST", "_matrix/client/v3/login", body);
  return new User(server, id, access_token, device_id);
}

/** A user who writes as clients do. */
class User {
  constructor({ url }, id, token, device) {
    Object.assign(this, { url, id, token, device });
  }

  send(method, path, body = {}) {
    return ask(this, method, path, body, this.token);
  }

  write(type, content) {
    const path = `user/${encodeURIComponent(this.id)}/account_data/${encodeURIComponent(type)}`;
    return this.send("PUT", `_matrix/client/v3/${path}`, content);
  }

  #keys(device) {
    const keys = { [`curve25519:${device}`]: key(), [`ed25519:${device}`]: key() };
    const signatures = { [this.id]: { [`ed25519:${device}`]: key(64) } };
    return { user_id: this.id, device_id: device, algorithms: ["m.olm.v1.curve25519-aes-sha2"], keys, signatures };
  }

  /** Signs in to an app that encrypts. */
  async app(name = "App") {
    const app = await signIn(this, this.id, name);
    await app.send("POST", "_matrix/client/v3/keys/upload", { device_keys: this.#keys(app.device) });
    return app;
  }

  dehydrate() {
    const device_keys = { ...this.#keys("DEHYDRATED"), dehydrated: true };
    const device_data = { algorithm: "org.matrix.msc3814.v1.olm", device_pickle: "x" };
    const body = { device_id: "DEHYDRATED", initial_device_display_name: "Dehydrated", device_data, device_keys };
    return this.send("PUT", "_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device", body);
  }

  /** Publishes an identity. Synapse checks what the master key has signed. */
  publishIdentity() {
    const master = generateKeyPairSync("ed25519");
    const made = (usage, { publicKey }) => {
      const text = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64").replace(/=+$/, "");
      return { keys: { [`ed25519:${text}`]: text }, usage: [usage], user_id: this.id };
    };
    const signed = (usage) => {
      const unsigned = made(usage, generateKeyPairSync("ed25519"));
      // Its fields are in canonical order already.
      const signature = sign(null, Buffer.from(JSON.stringify(unsigned)), master.privateKey).toString("base64");
      return { ...unsigned, signatures: { [this.id]: { [master_id]: signature.replace(/=+$/, "") } } };
    };
    const master_key = made("master", master);
    const [master_id] = Object.keys(master_key.keys);
    const body = { master_key, self_signing_key: signed("self_signing"), user_signing_key: signed("user_signing") };
    return this.send("POST", "_matrix/client/v3/keys/device_signing/upload", body);
  }

  /** Names a default key, and describes it unless `description` is null. */
  async makeKey(id = "abc", description = DESCRIPTION) {
    await this.write("m.secret_storage.default_key", { key: id });
    if (description) await this.write(`m.secret_storage.key.${id}`, description);
  }

  async store(types = [...IDENTITY_KEYS, BACKUP_KEY], id = "abc") {
    for (const type of types) await this.write(type, { encrypted: { [id]: { iv: key(16), ciphertext: key(), mac: key() } } });
  }

  async makeBackup(public_key = key(), algorithm = BACKUP) {
    const body = { algorithm, auth_data: { public_key, signatures: {} } };
    return (await this.send("POST", "_matrix/client/v3/room_keys/version", body)).version;
  }

  /** Sets up all that `ready` asks for. */
  async setUp(id = "abc") {
    await this.app();
    await this.publishIdentity();
    await this.makeKey(id);
    await this.store(undefined, id);
    await this.makeBackup();
  }
}

/** The state and the number of devices that have to be told of each user, and what the user writes. All have a device without keys. */
const people = {
  ready: ["ready", 2, async (user) => {
    await user.setUp();
    await user.app("Another app");
    await user.app("Key backup page (temporary)");
    await user.dehydrate();
    await user.write("m.key_backup", { enabled: true });
    await user.write("m.org.matrix.custom.backup_disabled", { disabled: "true" });
  }],
  ready_after_another_version: ["ready", 1, async (user) => {
    await user.makeBackup(undefined, "org.example.unknown");
    await user.setUp();
  }],
  ready_again_since_the_newest_was_deleted: ["ready", 1, async (user) => {
    await user.setUp();
    const version = await user.makeBackup(undefined, "org.example.unknown");
    await user.send("DELETE", `_matrix/client/v3/room_keys/version/${version}`);
  }],
  ready_as_nheko_wrote: ["ready", 1, async (user) => {
    await user.setUp();
    await user.makeBackup(Buffer.from(key()).toString("base64"));
  }],
  ready_with_a_strange_key_id: ["ready", 1, (user) => user.setUp(`a"b'c.$[0] é`)],
  ready_beside_a_null_character: ["ready", 1, async (user) => {
    await user.setUp();
    await user.write("m.secret_storage.key.abc", { ...DESCRIPTION, name: "\0" });
  }],
  no_version: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.send("DELETE", "_matrix/client/v3/room_keys/version/1");
  }],
  version_of_another_algorithm: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.makeBackup(undefined, "org.example.unknown");
  }],
  version_without_a_key: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.makeBackup("");
  }],
  key_alone: ["incomplete", 0, (user) => user.makeKey()],
  no_identity: ["incomplete", 1, async (user) => {
    await user.app();
    await user.makeKey();
    await user.store();
    await user.makeBackup();
  }],
  backup_key_not_stored: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.write(BACKUP_KEY, {});
  }],
  user_signing_key_not_stored: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.write(IDENTITY_KEYS[2], {});
  }],
  secrets_under_another_key: ["incomplete", 1, async (user) => {
    await user.setUp();
    await user.makeKey("new");
  }],
  no_key: ["backup_without_key", 1, async (user) => {
    await user.app();
    await user.publishIdentity();
    await user.makeBackup();
  }],
  key_not_described: ["backup_without_key", 1, async (user) => {
    await user.setUp();
    await user.write("m.secret_storage.key.abc", {});
  }],
  key_not_understood: ["backup_without_key", 1, async (user) => {
    await user.setUp();
    await user.write("m.secret_storage.key.abc", { algorithm: 1 });
  }],
  key_emptied: ["backup_without_key", 1, async (user) => {
    await user.setUp();
    await user.write("m.secret_storage.default_key", {});
  }],
  backup_of_first_clients: ["backup_without_key", 0, (user) => user.makeBackup()],
  app_alone: ["nothing", 1, (user) => user.app()],
  identity_alone: ["nothing", 0, (user) => user.publishIdentity()],
  secret_of_no_version: ["nothing", 0, (user) => user.store([BACKUP_KEY])],
  key_without_anything: ["nothing", 0, (user) => user.makeKey("abc", null)],
  opted_out: ["opted_out", 1, async (user) => {
    await user.setUp();
    await user.write("m.key_backup", { enabled: false });
  }],
  opted_out_as_written_today: ["opted_out", 0, (user) => user.write("m.org.matrix.custom.backup_disabled", { disabled: true })],
  never: ["never_encrypted", 0, () => {}],
  never_but_on_this_page: ["never_encrypted", 0, (user) => user.app("Key backup page (temporary)")],
  never_but_emptied: ["never_encrypted", 0, async (user) => {
    await user.write("m.secret_storage.default_key", {});
    await user.write(BACKUP_KEY, { encrypted: {} });
    await user.write("m.key_backup", { enabled: 0 });
  }],
  // One text each of these is damaged later: see DAMAGES.
  damaged_default_key: ["backup_without_key", 1, (user) => user.setUp()],
  damaged_description: ["backup_without_key", 1, (user) => user.setUp()],
  damaged_secret: ["incomplete", 1, (user) => user.setUp()],
  damaged_opt_out: ["ready", 1, async (user) => {
    await user.setUp();
    await user.write("m.key_backup", { enabled: false });
  }],
  damaged_version: ["incomplete", 1, (user) => user.setUp()],
  damaged_device: ["never_encrypted", 0, (user) => user.app()],
};

const CUT = `'{"key": '`;
/** Makes a text unreadable in the row of the user whom it is named after. */
const DAMAGES = Object.entries({
  damaged_default_key: ["account_data", "content", "AND account_data_type = 'm.secret_storage.default_key'"],
  damaged_description: ["account_data", "content", "AND account_data_type = 'm.secret_storage.key.abc'"],
  damaged_secret: ["account_data", "content", "AND account_data_type = 'm.cross_signing.master'"],
  damaged_opt_out: ["account_data", "content", "AND account_data_type = 'm.key_backup'"],
  damaged_version: ["e2e_room_keys_versions", "auth_data", ""],
  damaged_device: ["e2e_device_keys_json", "key_json", ""],
}).map(([name, [table, column, more]]) => `UPDATE ${table} SET ${column} = ${CUT} WHERE user_id LIKE '@${name}:%' ${more};`);
/** Two uses of which the later one counts, on the last second of a day. */
const USES = [
  "UPDATE devices SET last_seen = NULL;",
  "UPDATE devices SET last_seen = 1600000000000 WHERE user_id LIKE '@ready:%';",
  "UPDATE devices SET last_seen = 1700006399999 WHERE user_id LIKE '@ready:%' AND display_name = 'Another app';",
];

const services = (folder) => {
  const path = join(folder, "service.yaml");
  const service = { id: "bridge", url: null, as_token: key(), hs_token: key(), sender_localpart: "bridge" };
  const namespaces = { users: [{ exclusive: true, regex: "@bridged_.*" }] };
  writeFileSync(path, JSON.stringify({ ...service, namespaces }));
  return { token: service.as_token, config: { app_service_config_files: [path], allow_guest_access: true } };
};

/** Makes everybody: those of `people`, and those who are left out. */
async function populate(server, serviceToken) {
  const joined = async (name, options) => signIn(server, (await server.register(name, password, options)).user_id);
  for (const [name, [, , write]] of Object.entries(people)) await write(await joined(name));

  const gone = await joined("gone");
  const identifier = { type: "m.id.user", user: gone.id };
  await gone.send("POST", "_matrix/client/v3/account/deactivate", { auth: { type: "m.login.password", identifier, password } });
  await ask(server, "POST", "_matrix/client/v3/register?kind=guest", {});
  const bridged = { type: "m.login.application_service", username: "bridged_ada", inhibit_login: true };
  await ask(server, "POST", "_matrix/client/v3/register", bridged, serviceToken);
  const admin = await joined("admin", { admin: true });
  for (const [name, user_type] of [["helper", "support"], ["robot", "bot"]]) {
    const path = `_synapse/admin/v2/users/${encodeURIComponent(`@${name}:${server.serverName}`)}`;
    await admin.send("PUT", path, { password, user_type });
  }
}

const LEFT_OUT = ["left_out,users", "application_service,1", "bot_or_support,2", "deactivated,1", "guest,1"];
const lines = (text) => text.trimEnd().split(/\r?\n/);

/** Returns the row that each user has to have. */
function rows({ serverName }) {
  const all = Object.entries({ ...people, admin: ["never_encrypted", 0] });
  const row = ([name, [state, devices]]) => [`@${name}:${serverName}`, state, "", devices, name === "ready" ? "2023-11-14" : ""];
  // In the order of their bytes; `:` comes after digits and before letters.
  return all.map(row).sort(([one], [other]) => (one < other ? -1 : 1)).map((row) => row.join());
}

/** Leaves out who is damaged later, and the last use, which Synapse notes in its own time. */
const asBeforeDamage = (rows) =>
  rows.filter((row) => !row.startsWith("@damaged_")).map((row) => row.replace(/,[^,]*$/, ""));

/** The same for both databases: `query(file)` runs a file of ours as README.md says, and `change(sql)` writes. */
function tells(start) {
  let folder;
  let server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "matrixbackup-readiness-"));
    const { token, config } = services(folder);
    server = await start(config);
    await populate(server, token);
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("who has what, while Synapse runs", () => {
    const [header, ...told] = lines(server.query("list"));
    assert.equal(header, HEADER);
    assert.deepEqual(asBeforeDamage(told), asBeforeDamage(rows(server)));
    assert.deepEqual(lines(server.query("left-out")), LEFT_OUT);
  });

  it("the day of the last use, and whatever else can be read beside a damaged text", async () => {
    await server.halt();
    server.change([...DAMAGES, ...USES].join("\n"));
    assert.deepEqual(lines(server.query("list")), [HEADER, ...rows(server)]);
  });
}

describe("the list of who is ready, from SQLite", () => {
  tells(async (config) => {
    const server = await startHomeserver({ config });
    const names = { list: "synapse-sqlite.sql", "left-out": "synapse-left-out.sql" };
    const sqlite = (flags, input) => execFileSync("sqlite3", ["-bail", ...flags, server.database], { input, encoding: "utf8" });
    return {
      ...server,
      query: (name) => sqlite(["-readonly", "-csv", "-header"], readFileSync(file(names[name]))),
      change: (sql) => sqlite([], sql),
    };
  });
});

const folderOfPostgresql = process.env.MATRIXBACKUP_POSTGRESQL;
describe("the list of who is ready, from PostgreSQL", { skip: !folderOfPostgresql && "`make readiness` runs this" }, () => {
  tells(async (config) => {
    const postgresql = await startPostgresql(folderOfPostgresql);
    const server = await startHomeserver({ config: { ...config, database: postgresql.forSynapse } }).catch((error) => {
      postgresql.stop();
      throw error;
    });
    // This role may do what README.md grants, and nothing else.
    const [, granted] = readFileSync(file("README.md"), "utf8").match(/```sql\n(CREATE ROLE [^`]*)```/);
    postgresql.psql(["-c", granted]);
    const names = { list: "synapse-postgresql.sql", "left-out": "synapse-left-out.sql" };
    return {
      ...server,
      query: (name) => postgresql.psql(["--csv", "-f", file(names[name])], "readiness"),
      change: (sql) => postgresql.psql(["-c", sql]),
      stop: async () => {
        await server.stop();
        await postgresql.stop();
      },
    };
  });
});

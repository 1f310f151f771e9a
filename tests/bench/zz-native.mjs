import { spawn } from "node:child_process";
import { json } from "node:stream/consumers";
import { registerUser } from "../e2e/page.mjs";
import { sharedHomeserver } from "../support/homeserver.mjs";
import { startPhone } from "../support/phone.mjs";
const program = `${process.env.CARGO_TARGET_DIR}/debug/examples/bench-files`;
async function ask(question) { const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] }); child.stdin.end(JSON.stringify(question)); return json(child.stdout); }
const homeserver = await sharedHomeserver();
for (const keys of process.argv.slice(2).map(Number)) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const phone = await startPhone({ ...account, deviceName: "Phone" });
  const recovery_key = await phone.setUpRecovery();
  phone.stop();
  const file = `/tmp/native-${keys}.txt`;
  console.log(await ask({ do: "make", file, keys }));
  console.log(JSON.stringify(await ask({ do: "native", file, ...account, recovery_key })));
}
await homeserver.stop(); process.exit(0);

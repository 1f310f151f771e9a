// Has the browser trust a server's throw-away certificate as if an authority had signed it, even for the requests that
// outlive a page. (Playwright's `ignoreHTTPSErrors` ends with the page.)

import { createHash } from "node:crypto";
import { once } from "node:events";
import tls from "node:tls";

/** Returns the flags for Chromium. */
export async function trusting(origin) {
  const { hostname: host, port } = new URL(origin);
  const socket = tls.connect({ host, port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const key = socket.getPeerX509Certificate().publicKey.export({ type: "spki", format: "der" });
  socket.destroy();
  return [`--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`];
}

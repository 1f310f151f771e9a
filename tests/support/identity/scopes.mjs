// The scopes of the Matrix API (v1.15, "OAuth 2.0 API", scope), by their stable and their unstable names.

const apiScopes = ["urn:matrix:client:api:*", "urn:matrix:org.matrix.msc2967.client:api:*"];
const devicePrefixes = ["urn:matrix:client:device:", "urn:matrix:org.matrix.msc2967.client:device:"];
// The policy of matrix-authentication-service wants at least ten characters.
const deviceId = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]{10,}$/;

/** Returns the scopes that an app asks for with a device of its own. */
export const scopesFor = (deviceId) => `${apiScopes[0]} ${devicePrefixes[0]}${deviceId}`;

/**
 * Returns the fault in scopes, as matrix-authentication-service's policy has it (authorization_grant.rego), or nothing.
 */
export function scopeFault(scopes) {
  const devices = scopes.map(deviceOf).filter((device) => device !== undefined);
  const unknown = scopes.find((scope) => !apiScopes.includes(scope) && deviceOf(scope) === undefined);
  if (unknown !== undefined) return `scope '${unknown}' not allowed`;
  if (devices.some((device) => !deviceId.test(device))) return "device id not allowed";
  if (devices.length > 1) return "only one device scope is allowed at a time";
  if (devices.length && !scopes.some((scope) => apiScopes.includes(scope))) return "a device scope needs the API scope";
  const unstable = scopes.filter((scope) => scope.includes("org.matrix.msc2967")).length;
  return unstable > 0 && unstable < scopes.length ? "request cannot mix unstable and stable scopes" : undefined;
}

/** Returns the id of the device that scopes are for, if they are for one. */
export function deviceOf(scope) {
  for (const each of scope.split(" ")) {
    const prefix = devicePrefixes.find((prefix) => each.startsWith(prefix));
    if (prefix) return each.slice(prefix.length);
  }
  return undefined;
}

/** Returns the same scopes by all their names, as introspection gives them. */
export function inBothNames(scope) {
  const device = deviceOf(scope);
  const devices = device ? devicePrefixes.map((prefix) => prefix + device) : [];
  return [...new Set([...scope.split(" "), ...apiScopes, ...devices])].join(" ");
}

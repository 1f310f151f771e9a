// Checks a client that registers itself, as strictly as the Matrix specification (v1.15, "OAuth 2.0 API", client
// registration) and matrix-authentication-service's policy (client_registration.rego). There is one difference:
// addresses on 127.0.0.1 may be http and may have a port, because that is where the tests are.

const localizable = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];
const others = ["redirect_uris", "token_endpoint_auth_method", "response_types", "grant_types", "application_type"];

// The form of an address in that policy: no query, no fragment, no user, and few characters in the path.
const address =
  /^(?<scheme>[a-z][a-z0-9+.-]*):(?:\/\/(?<host>(?:(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)*(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))(?::(?<port>[0-9]+))?)?(?<path>\/[A-Za-z0-9/.-]*)$/;

const parsed = (uri) => (typeof uri === "string" ? uri.match(address)?.groups : undefined);

function isSecure(uri) {
  const { scheme, host, port } = parsed(uri) ?? {};
  if (host === "127.0.0.1") return scheme === "http" || scheme === "https";
  return scheme === "https" && host !== undefined && host !== "localhost" && port === undefined;
}

const isUnder = (uri, client) => {
  const [host, above] = [uri, client].map((each) => parsed(each)?.host);
  return host !== undefined && (host === above || host.endsWith(`.${above}`));
};

const isOnly = (list, ...wanted) =>
  Array.isArray(list) && list.length === wanted.length && wanted.every((each) => list.includes(each));

/** Returns the fault in the metadata that a client registers with, `[error, words]`, or nothing. */
export function faultOf(metadata) {
  const invalid = (words) => ["invalid_client_metadata", words];
  const invalidRedirect = (words) => ["invalid_redirect_uri", words];

  for (const name of Object.keys(metadata)) {
    const [plain, language] = name.split("#");
    const known = language === undefined ? [...localizable, ...others].includes(name) : localizable.includes(plain);
    if (!known) return invalid(`unknown: ${name}`);
  }
  const { client_name: name, client_uri: client, redirect_uris: redirects } = metadata;
  if (typeof name !== "string" || !name) return invalid("missing client_name");
  if (!client) return invalid("missing client_uri");
  for (const [key, uri] of Object.entries(metadata).filter(([key]) => /_uri(#|$)/.test(key))) {
    if (!isSecure(uri)) return invalid(`invalid ${key}`);
    if (!isUnder(uri, client)) return invalid(`${key} not on the same host as the client_uri`);
  }
  if (metadata.application_type !== "web") return invalid("application_type must be web");
  if (metadata.token_endpoint_auth_method !== "none") return invalid("token_endpoint_auth_method must be none");
  if (!isOnly(metadata.response_types, "code")) return invalid("response_types must be code");
  if (!isOnly(metadata.grant_types, "authorization_code", "refresh_token")) {
    return invalid("grant_types must be authorization_code and refresh_token");
  }
  if (!Array.isArray(redirects) || redirects.length === 0) return invalidRedirect("missing redirect_uris");
  for (const uri of redirects) {
    if (!isSecure(uri) || !isUnder(uri, client)) return invalidRedirect(`invalid redirect_uri: ${uri}`);
  }
  return undefined;
}

// Compares a header that arrived with the one that should have arrived (tools/headers.mjs).

/**
 * Tells whether a header is at least as strict as the expected one. `arrived` is what `Headers.get` returns: null, or
 * several values joined with commas.
 */
export function isStrictEnough(name, expected, arrived) {
  if (arrived === null) return false;
  const compare = comparisons[name] ?? same;
  return compare(expected, arrived);
}

// The server and a proxy before it may both have sent the header.
const same = (expected, arrived) =>
  arrived.split(",").every((value) => value.trim().toLowerCase() === expected.toLowerCase());

const comparisons = {
  // Browsers enforce every policy that arrives, so that one as strict as the expected one is enough.
  "Content-Security-Policy": (expected, arrived) =>
    arrived.split(",").some((policy) => policyIsStrictEnough(directives(expected), directives(policy))),
  "Permissions-Policy": (expected, arrived) => {
    const given = features(arrived);
    return [...features(expected)].every(([name, allowed]) =>
      // The page needs an allowed feature. An absent one is allowed, too: that is what browsers do by themselves.
      allowed === "()" ? given.get(name) === "()" : given.get(name) !== "()" && given.get(name) !== "*",
    );
  },
  "Cache-Control": (expected, arrived) => {
    const given = new Set(parts(arrived.toLowerCase(), ","));
    return parts(expected, ",").every((part) => given.has(part)) && (!given.has("immutable") || expected.includes("immutable"));
  },
};

function policyIsStrictEnough(expected, given) {
  for (const [name, sources] of expected) {
    // An absent fetch directive falls back to default-src; any other that is absent would allow everything.
    const isFetch = /-src$/.test(name);
    const found = given.get(name) ?? (isFetch ? given.get("default-src") : undefined);
    if (!found || ![...found].every((source) => sources.has(source))) return false;
  }
  return true;
}

/** Returns a policy's directives, each with the set of its sources; 'none' is the empty set. */
export const directives = (policy) =>
  new Map(
    parts(policy, ";").map((directive) => {
      const [name, ...sources] = directive.split(/\s+/);
      return [name.toLowerCase(), new Set(sources.filter((source) => source !== "'none'"))];
    }),
  );

const features = (policy) => new Map(parts(policy, ",").map((feature) => feature.split("=", 2).map((text) => text.trim())));

const parts = (text, separator) =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);

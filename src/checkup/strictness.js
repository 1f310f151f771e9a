// Whether a header that arrived is at least as strict as the one that should have. Source of what is expected:
// tools/headers.mjs.

/** `arrived` is what `Headers.get` answers: null, or several values joined with commas. */
export function isStrictEnough(name, expected, arrived) {
  if (arrived === null) return false;
  const compare = comparisons[name] ?? same;
  return compare(expected, arrived);
}

// Two layers may both have sent it.
const same = (expected, arrived) =>
  arrived.split(",").every((value) => value.trim().toLowerCase() === expected.toLowerCase());

const comparisons = {
  // Each of several policies has to allow what is done, so that one as strict as ours is enough.
  "Content-Security-Policy": (expected, arrived) =>
    arrived.split(",").some((policy) => policyIsStrictEnough(directives(expected), directives(policy))),
  "Permissions-Policy": (expected, arrived) => {
    const given = features(arrived);
    return [...features(expected)].every(([name, allowed]) =>
      // What is allowed is needed, and also what browsers do by themselves.
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
    // Kinds of sources that a policy does not name follow its default; the others would be free.
    const isFetch = /-src$/.test(name);
    const found = given.get(name) ?? (isFetch ? given.get("default-src") : undefined);
    if (!found || ![...found].every((source) => sources.has(source))) return false;
  }
  return true;
}

/** A policy's directives, each with the set of what it names; 'none' is the empty set. */
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

// Under which circumstances a browser is started.

import { Unable } from "../unable.mjs";

/** Returns what an engine's list says of a circumstance: `{}` without one. */
export function circumstanceIn(list, under, name) {
  if (!under) return {};
  if (!list[under]) throw new Unable(`${name} cannot be started with ${under}`);
  return list[under];
}

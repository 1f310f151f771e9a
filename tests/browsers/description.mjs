// What each browser is asked to do, in one form for all of them. Each feature returns what it saw, as a few words; it
// throws if that is wrong, and throws `Unable` if the driver cannot do what it needs. `sample`: CI runs it.

import { circumstances } from "./features/circumstances.mjs";
import { freezing } from "./features/freezing.mjs";
import { leaving } from "./features/leaving.mjs";
import { locking } from "./features/lock.mjs";
import { moving } from "./features/moving.mjs";
import { oldKeys } from "./features/old_keys.mjs";
import { setUp } from "./features/set_up.mjs";
import { signingIn } from "./features/signing_in.mjs";
import { starting } from "./features/starting.mjs";

export const features = [...starting, ...setUp, ...oldKeys, ...signingIn, ...moving, ...locking, ...circumstances, ...freezing, ...leaving];

// Writes docs/performance.md: the words around what main.mjs measured.

import { links } from "./link.mjs";
import { table } from "./figure.mjs";

/** Returns the whole text. What was not measured is left out. */
export function write({ small, sizes, about, reach, set_up: setUp, files, rotation, engine }) {
  const parts = [
    `# Performance

<!-- \`make bench\` writes this file anew; the words are in tests/bench/document.mjs. -->

What this page costs, beside matrix-js-sdk (Element Web's engine), which does the same in the same browser and the same run.
Every ratio is matrix-js-sdk's figure by ours: above 1, ours is the smaller. Where there were several runs, a figure is
their median, with the least and the most in parentheses.
${small ? "\n**This was a small run (`BENCH=small`), to try the measuring. Its figures say little.**\n" : ""}
${table(
  ["measured", "on"],
  Object.entries({
    date: about.date,
    machine: `${about.processor}, ${about.cores} cores, ${about.memory}`,
    "processes that wanted a core": `${about.load} before, ${about.loadAfter} after (average of a minute)`,
    "this page": `build ${about.build}`,
    "matrix-js-sdk": about.sdk,
    Chromium: about.chromium,
    Synapse: about.synapse,
    "Node.js": about.node,
  }),
)}

Browser, Synapse and the servers of both pages share that machine. Synapse runs on SQLite, does not wait for the disk, hashes
passwords quickly and limits no rates (\`tests/support/server/homeserver.mjs\`). A real one answers more slowly, and brings all
ratios of times nearer to 1.

The other page is matrix-js-sdk on the fewest screens (\`tests/bench/other.mjs\`): minified by esbuild, compressed by brotli at its
best, its program fetched at once as ours is. Both pages are served with brotli, in front of the same homeserver, at one
address, without HTTP/2. Each run has an account and a browser of its own, without a cache. Memory is the most that the
renderer's process ever held; 105 to 120 MB of that are files of the browser's own, which a page with nothing on it has as well.`,

    reach && `## The links

${table(["link", "what it is"], Object.values(links).map(({ name, words }) => [name, words]))}

Chromium's protocol slows the network down: in the page and, by a session of its own, in each worker. Each of them has the
whole width for itself.

${reach.chromiumReachesWorkers
  ? "Chromium's own throttling of the processor (`Emulation.setCPUThrottlingRate`) reached the worker in this run."
  : `**Chromium's own throttling of the processor (\`Emulation.setCPUThrottlingRate\`) does not reach workers.** Our engine works in one,
and matrix-js-sdk on the page's main thread: it alone would have been slowed down.`}
The bench does not use it. It lets the whole renderer run 5 ms at a time, and stops it three times as long after each, by signals.
So both pages are slowed down alike. The browser's other processes are not.

${reach.table}

The times in parentheses are by how much the same work took longer than on the first line. Beside other work on the machine,
signals slow down less.`,

    setUp && `## The first screen

From the page's address until its first button can be pressed, and the bytes that had been downloaded by then, without
headers (${setUp.firstRuns} runs). The other page's first screen asks for name and password at once.

${setUp.first}

## A set-up

From the page's address until backup is on, with a new identity, secret storage and a new backup. A robot is the
person${sizes.times > 1 ? `, ${sizes.times} times each` : ""}.

- **The waits** are the only times in which a person waits: from each press to the next screen, by the page's own clock.
- **Landing to done** has the robot's own time in it, too. Our way has more screens, and the robot needs a moment for each.
- **Longest task**: of the main thread, by \`PerformanceObserver\`, which tells of none below 50 ms.
- Ours does more: it looks first, has the key entered again, reads back all that it wrote, and opens it as a new machine would.
  matrix-js-sdk keeps its keys in memory here, which is quicker than what Element does.

${setUp.times}

${setUp.costs}

Bytes are those of all requests until then, with headers. On the way with a phrase, ours also loads the program that
estimates it.

${setUp.requests}

Counted in a run of its own, from the answer to the sign-in until backup is on. Depth is the longest chain of requests of which
each began after the one before it was over. matrix-js-sdk's has its syncs in it: its writes of account data wait for them.

${setUp.screens}`,

    files && `## Import a file of keys

Until every key is in the backup. Ours then reads all of them back; matrix-js-sdk does not. It usually waits up to ten seconds
before it begins; here it does not. Above 20,000 keys it was not measured. Bytes are those to and from the homeserver.

${files.import}

How much of that is the homeserver's own: the requests of the first run once more, without a browser, each begun once those were
over that were over before it began. "Its uploads" are only those that write keys.

${files.bare}

## Take the backup home

Until the whole file is there. Ours also reads it back.

${files.home}`,

    rotation && `## A fresh backup

\`\`\`text
${rotation}
\`\`\``,

    engine && `## Coverage, and the engine natively

The engine without a browser, compiled as for tests: only its cryptography is optimized. matrix-js-sdk runs in Node.js here,
and the ratio is the other way round: ours by matrix-js-sdk's. "Bare pages" are requests for the same messages, as many at a
time as the engine makes, which nobody reads; "speed" is their time by ours.

\`\`\`text
${engine}
\`\`\``,

    `## How far to trust this

- The figures are of one machine, on which everything runs at once. Times move with whatever else it does; requests, depth and
  bytes hardly do.
- ${sizes.times > 1 ? `Behind a span are ${sizes.times} runs or fewer, behind a first screen more; what has none was measured once, or was the same each time.
  Two medians whose spans overlap are not different` : "Everything was measured once"}.
- The robot does not read. So it waits for what would come while a person reads. On the slow link it is slow itself, since its
  hands are in the page's process, and more has come before it presses.
- A browser frees memory when it likes: below a fifth, a difference says nothing.
- Stopping a process is not a slow processor: what the browser does in other processes is not slowed down.`,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

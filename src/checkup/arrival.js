// Fetches what the host really sends, past every cache of the browser's.

const patience = 20_000;

/**
 * Fetches a file. Returns `{ name, status, url, redirected, header(name), bytes, moved }`, or null where nothing can be
 * read. `moved` is the size of the body on the way, in bytes: compressed, if the host compresses it.
 */
export async function fetched(path, name = path) {
  const url = new URL(path, document.baseURI);
  try {
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patience) });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const timing = performance.getEntriesByName(answer.url, "resource").at(-1);
    return {
      name,
      status: answer.status,
      url: answer.url,
      redirected: answer.redirected,
      header: (header) => answer.headers.get(header),
      bytes,
      moved: timing?.encodedBodySize || bytes.length,
    };
  } catch {
    return null;
  }
}

/** Lists the files that index.html names with their digests: `{ path, integrity }`. */
export function pinned() {
  const elements = [...document.querySelectorAll("link, script")];
  const waiting = [...document.querySelectorAll("template")].flatMap(({ content }) => [...content.querySelectorAll("script")]);
  const files = [];
  for (const element of [...elements, ...waiting]) {
    const path = element.getAttribute("src") ?? element.getAttribute("href");
    if (path && element.integrity) files.push({ path, integrity: element.integrity });
    for (const [key, integrity] of Object.entries(element.dataset)) {
      const of = key.endsWith("Integrity") && key.slice(0, -"Integrity".length);
      if (of && element.dataset[of]) files.push({ path: element.dataset[of], integrity });
    }
  }
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Lists the scripts that another page names in the same way, by a pattern: Trusted Types let no text become markup. */
export function pinnedIn(answer) {
  const text = answer?.status === 200 ? new TextDecoder().decode(answer.bytes) : "";
  return [...text.matchAll(/<script src="([^"]+)" integrity="([^"]+)"/g)].map(([, path, integrity]) => ({ path, integrity }));
}

/** Lists the texts: index.html names a file of each language, and that names the language's others. */
export async function pinnedTexts() {
  const named = document.getElementById("words").dataset.files.split(" ").filter(Boolean);
  const first = named.map((file) => file.split(",")).map(([, path, integrity]) => ({ path, integrity }));
  const others = await Promise.all(
    first.map(async ({ path }) => {
      const answer = await fetched(path);
      try {
        return Object.values(JSON.parse(new TextDecoder().decode(answer.bytes))).filter(({ address }) => address);
      } catch {
        // It is told as missing, or as another one.
        return [];
      }
    }),
  );
  return [...first, ...others.flat().map(({ address, integrity }) => ({ path: address, integrity }))];
}

/** Tells whether bytes have the digest of an `integrity` attribute. */
export async function fits(bytes, integrity) {
  const [algorithm] = integrity.split("-");
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm.replace("sha", "SHA-"), bytes));
  return integrity === `${algorithm}-${btoa(String.fromCharCode(...digest))}`;
}

/** Returns the hexadecimal SHA-256, as SHA256SUMS has it. */
export async function sum(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const sameBytes = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

// Keeps in memory what an identity provider remembers: the storage that oidc-provider asks for, and a way to look into
// it.

/** Returns `{ Adapter, all(kind) }`; `all` gives `[id, entry]` of everything of a kind that is kept right now. */
export function createStore() {
  const kinds = new Map();
  const entriesOf = (kind) => {
    if (!kinds.has(kind)) kinds.set(kind, new Map());
    return kinds.get(kind);
  };

  class Adapter {
    constructor(kind) {
      this.entries = entriesOf(kind);
    }
    async upsert(id, entry) {
      this.entries.set(id, entry);
    }
    async find(id) {
      return this.entries.get(id);
    }
    async findByUid(uid) {
      return [...this.entries.values()].find((entry) => entry.uid === uid);
    }
    async consume(id) {
      this.entries.get(id).consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id) {
      this.entries.delete(id);
    }
    async revokeByGrantId(grantId) {
      for (const [id, entry] of this.entries) if (entry.grantId === grantId) this.entries.delete(id);
    }
  }
  return { Adapter, all: (kind) => [...entriesOf(kind)] };
}

// The line of a server's configuration that sends a header: in the files that tools/hosting.mjs makes, and in what
// `?checkup` tells an administrator to add.

const makers = {
  // `always`: with a 404, too.
  nginx: (name, value) => `add_header ${name} "${value}" always;`,
  caddy: (name, value) => `header ${name} "${value}"`,
  apache: (name, value) => `Header always set ${name} "${value}"`,
  static: (name, value) => `${name}: ${value}`,
};

/** `server` is one of nginx, caddy, apache, static. */
export const lineFor = (server, name, value) => makers[server](name, value);

// Adds what matrix-js-sdk and oidc-provider use and node 20 lacks: they are written for node 22. Import it first.

Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

URL.parse ??= function (url, base) {
  return this.canParse(url, base) ? new this(url, base) : null;
};

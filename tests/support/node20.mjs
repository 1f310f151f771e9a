// matrix-js-sdk and oidc-provider are written for node 22; these are the things they use that node 20 lacks. Import it
// first.

Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

URL.parse ??= function (url, base) {
  return this.canParse(url, base) ? new this(url, base) : null;
};

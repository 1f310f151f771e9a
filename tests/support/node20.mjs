// matrix-js-sdk is written for node 22; this is the one thing it uses that node 20 lacks. Import it first.

Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new this((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

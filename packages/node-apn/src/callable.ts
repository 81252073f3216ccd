/** A class that can be called without `new` as well. */
export interface Callable<Arguments extends unknown[], Instance> {
  new (...args: Arguments): Instance;
  (...args: Arguments): Instance;
  readonly prototype: Instance;
}

/** Makes a class callable without `new`, as constructors of the ES5 style were: `apn.Provider(options)`. */
export function callable<Arguments extends unknown[], Instance extends object, Statics>(
  Class: (new (...args: Arguments) => Instance) & Statics,
): Callable<Arguments, Instance> & Statics {
  const made = new Proxy(Class, { apply: (target, _this, args: Arguments) => new target(...args) });
  Object.defineProperty(Class.prototype, "constructor", { value: made, writable: true, configurable: true });
  return made as unknown as Callable<Arguments, Instance> & Statics;
}

import type { AppleEnvironment } from "../environment.js";
import { checkInteger } from "../internal/check.js";
import { checkOptions, optionNames } from "../internal/check-options.js";

/** Remembers the environments of device tokens: for `eitherEnvironment`. */
export interface EnvironmentStore {
  /**
   * The environment of a device token, `undefined` if it is not known.
   * @param deviceToken lower-case hexadecimal
   */
  get(deviceToken: string): AppleEnvironment | undefined | PromiseLike<AppleEnvironment | undefined>;
  /**
   * Called when a device token turns out to be of another environment than `get` said, or than the one tried first. A promise is
   * awaited before the send settles.
   * @param deviceToken lower-case hexadecimal
   */
  set(deviceToken: string, environment: AppleEnvironment): unknown;
}

export interface EnvironmentMemoryOptions {
  /** The limit of device tokens; beyond it, the least recently used one is forgotten. @default 100_000 */
  readonly maxDeviceTokens?: number;
}

const environmentMemoryOptionNames = optionNames<EnvironmentMemoryOptions>({ maxDeviceTokens: true });

/**
 * A store in memory. Only device tokens that are not of the environment tried first take room in it; one that was forgotten costs
 * a refused attempt more.
 * @throws {InvalidArgumentError} naming `maxDeviceTokens`
 */
export function environmentMemory(options: EnvironmentMemoryOptions = {}): EnvironmentStore {
  checkOptions("environmentMemory", options, environmentMemoryOptionNames);
  const { maxDeviceTokens = 100_000 } = options;
  checkInteger("maxDeviceTokens", maxDeviceTokens, 0);
  const environments = new Map<string, AppleEnvironment>();
  const set = (deviceToken: string, environment: AppleEnvironment): void => {
    environments.delete(deviceToken);
    environments.set(deviceToken, environment);
    if (environments.size > maxDeviceTokens) environments.delete(environments.keys().next().value!);
  };
  return {
    get(deviceToken) {
      const environment = environments.get(deviceToken);
      if (environment !== undefined) set(deviceToken, environment);
      return environment;
    },
    set,
  };
}

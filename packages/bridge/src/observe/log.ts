/** Where the bridge writes what happens: the methods of pino, winston's child loggers and others have this shape. */
export interface BridgeLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => {};

/** Says nothing. */
export const silentLog: BridgeLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };

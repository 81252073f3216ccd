/** What the command line of `apns bridge` says. */
export interface BridgeFlags {
  readonly config: string;
  readonly check?: boolean;
  readonly shadow?: boolean;
  readonly replay?: boolean;
  readonly uncertain?: boolean;
  readonly json?: boolean;
}

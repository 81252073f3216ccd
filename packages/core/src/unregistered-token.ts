/** A device token that APNs reports as unregistered: an entry of the legacy feedback service. */
export interface UnregisteredToken {
  /** Lower-case hexadecimal. */
  readonly deviceToken: string;
  /**
   * When APNs found that the app is no longer on the device; whole seconds on the legacy wire. A device token that the app has
   * reported since is valid again.
   */
  readonly unregisteredAt: Date;
}

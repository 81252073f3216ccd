// Apple's pages that error messages link to as the source of a rule.
const documentation = "https://developer.apple.com/documentation";

/** The header table, with what each header allows. */
export const sendingRequests: string = `${documentation}/usernotifications/sending-notification-requests-to-apns`;

/** The keys of `aps` and the size of payloads. */
export const generatingNotifications: string = `${documentation}/usernotifications/generating-a-remote-notification`;

/** What starts, updates and ends a Live Activity. */
export const liveActivities: string = `${documentation}/activitykit/starting-and-updating-live-activities-with-activitykit-push-notifications`;

/** The one key of an MDM push. */
export const mdmCommands: string = `${documentation}/devicemanagement/sending-mdm-commands-to-a-device`;

/** The two keys of a File Provider push. */
export const fileProviderChanges: string = `${documentation}/fileprovider/using-push-notifications-to-signal-changes`;

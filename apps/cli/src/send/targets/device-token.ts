import { normalizeDeviceToken } from "@apns/core";

/** Tokens of other services, by their form: they reach the same phone, but not through APNs. */
const foreignTokens: readonly (readonly [form: RegExp, name: string])[] = [
  [/^Expo(nent)?PushToken\[.*\]$/, "an Expo push token"],
  [/^[\w-]{8,}:[\w-]{100,}$/, "a registration token of Firebase (FCM)"],
];

/**
 * The device token in a text, as apps log it: `<` and `>` and blanks do not count.
 * @throws {Error} with what is wrong: of a token of another service, which one
 */
export function readDeviceToken(text: string): string {
  const trimmed = text.trim();
  const foreign = foreignTokens.find(([form]) => form.test(trimmed));
  if (foreign !== undefined) {
    throw new Error(
      `deviceToken: this is ${foreign[1]}, which APNs does not know; the app gets APNs' own from didRegisterForRemoteNotificationsWithDeviceToken`,
    );
  }
  return normalizeDeviceToken(text);
}

/** The device tokens in an argument: several in one, as a quoted variable brings them, are several. */
export function splitDeviceTokens(argument: string): string[] {
  const parts = argument.split(/[\s,;]+/).filter((part) => part !== "");
  // Blanks within one device token separate groups of digits.
  return parts.length > 1 && parts.every((part) => /^[0-9a-f]{64,}$/i.test(part)) ? parts : [argument];
}

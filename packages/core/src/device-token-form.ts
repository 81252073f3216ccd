// Texts that are no device token but are given in place of one, and how to get the device token.
import { describeSecret, secretKind } from "./internal/secret.js";

const inSwift = 'deviceToken.map { String(format: "%02x", $0) }.joined()';

interface Form {
  readonly form: RegExp;
  readonly hint: string;
}

/** The first form that matches counts. Every expression is linear in the text. */
const forms: readonly Form[] = [
  {
    // The description of `Data` since iOS 13, which leaves out the middle of the bytes.
    form: /length\s*=\s*\d+\s*,\s*bytes\s*=\s*0x/i,
    hint: `It is the description that iOS 13 and later print of the bytes, which is cut short; in the app, write ${inSwift}.`,
  },
  {
    form: /^[\s<>0-9a-f]+$/i,
    hint: 'normalizeDeviceToken removes blanks, "<" and ">".',
  },
  {
    form: /^0x[0-9a-f]+$/i,
    hint: 'Leave out the "0x".',
  },
  {
    form: /^(["'`])[\s0-9a-f]+\1$/i,
    hint: "Leave out the quotation marks.",
  },
  {
    form: /^Expo(?:nent)?PushToken\[/,
    hint: "It is a push token of Expo's service; the app gets the device token by getDevicePushTokenAsync() of expo-notifications.",
  },
  {
    form: /^[\w-]{8,}:[\w-]{60,}$/,
    hint: "It is a registration token of Firebase (FCM); the app gets the device token by Messaging.messaging().apnsToken, or in didRegisterForRemoteNotificationsWithDeviceToken.",
  },
  {
    form: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
    hint: "It is a UUID, as of a device or an installation; the app gets the device token in didRegisterForRemoteNotificationsWithDeviceToken.",
  },
  {
    form: /^https?:\/\//i,
    hint: "It is an address, as of a Web Push subscription, which is sent to by the Web Push protocol and not by this one.",
  },
  {
    form: /^[A-Za-z0-9+/]{43}=$|^[A-Za-z0-9_-]{43}$/,
    hint: 'It looks like base64 of 32 bytes: Buffer.from(text, "base64").toString("hex") makes the device token of it.',
  },
];

/** Longer texts are not looked at: they are no token of any service. */
const maxFormCharacters = 4096;

/** What a text that is not hexadecimal looks like, and how to get the device token instead. One sentence or two. */
export function hintAtForm(text: string): string {
  const usual = `The app makes the text of a device token by ${inSwift}.`;
  if (text.length > maxFormCharacters) return usual;
  const hint = forms.find(({ form }) => form.test(text))?.hint;
  if (hint !== undefined) return hint;
  return secretKind(text) === undefined ? usual : `It is ${describeSecret(text)}.`;
}

/** A character in an error message: as it is if it is visible ASCII, else by its code point. */
export function nameCharacter(text: string, index: number): string {
  const codePoint = text.codePointAt(index)!;
  if (codePoint > 0x20 && codePoint < 0x7f) return JSON.stringify(String.fromCodePoint(codePoint));
  if (codePoint === 0x20) return "a blank";
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Values of `apns-push-type`. */
export const PushType = {
  alert: "alert",
  background: "background",
  voip: "voip",
  complication: "complication",
  fileprovider: "fileprovider",
  mdm: "mdm",
  liveactivity: "liveactivity",
  location: "location",
  pushtotalk: "pushtotalk",
} as const;
export type PushType = (typeof PushType)[keyof typeof PushType];

export const Priority = {
  /** At once. */
  immediate: 10,
  /** When the device's power allows. */
  throttled: 5,
  /** Never wakes the device. */
  low: 1,
} as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

export const Host = {
  production: "api.push.apple.com",
  development: "api.sandbox.push.apple.com",
} as const;
export type Host = (typeof Host)[keyof typeof Host];

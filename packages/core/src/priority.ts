/**
 * `apns-priority`: 10 delivers at once, 5 considers the device's power, 1 puts power first and never wakes the device.
 * When a request names none, APNs assumes 10.
 */
export type Priority = 1 | 5 | 10;

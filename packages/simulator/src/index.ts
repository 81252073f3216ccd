export type { FeedbackStats } from "./binary/feedback.js";
export type { BoundedLog } from "./bounded-log.js";
export type { CredentialFiles } from "./credentials-folder.js";
export type { ConnectedDevice, InstalledApp, UninstallNoticed } from "./devices/connected-device.js";
export type { DeliveredNotification, DroppedCounts } from "./devices/delivered.js";
export type { ConnectDeviceOptions } from "./devices/device-directory.js";
export type {
  ConnectionFault,
  CutHow,
  ErrorResponseFault,
  Fault,
  FaultTrigger,
  FeedbackFault,
  GoAwayFault,
  LinkFault,
  NotificationFault,
  RejectFault,
  SettingsFault,
  SideFault,
  SixBytesFault,
  StandingFault,
  WrongCertificate,
} from "./faults/fault.js";
export type { ActiveFault, Faults, Occasion } from "./faults/faults.js";
export type { SimulatorCredentials } from "./identities.js";
export type { PortName, SimulatorClock, SimulatorOptions } from "./options.js";
export type { Quirks } from "./quirks.js";
export type { ReceivedLog, ReceivedNotification, ReceivedQuery, WireStats } from "./received.js";
export { type Simulator, type SimulatorStats, startSimulator } from "./simulator.js";
export type { App, SigningKey } from "./world/app.js";
export type { Channel, ChannelTable, MessageStorage } from "./world/channel-table.js";
export type { Device, RegisterOptions } from "./world/device-table.js";
export type { FeedbackList } from "./world/feedback-list.js";
export {
  type AcceptedVerdict,
  accepted,
  type Push,
  type RejectedVerdict,
  rejected,
  type Verdict,
  type VerdictFunction,
} from "./world/verdict.js";
export type { DeviceTokens, World } from "./world/world.js";

import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  /** The line in `apns --help`, known without loading the command. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/**
 * Every command, in the order of the help. Each is loaded only when it is named, so that `apns --help` and small commands
 * do not pay for transports, simulators and tables.
 */
export const commands: readonly CommandEntry[] = [
  {
    name: "send",
    summary: "send a notification to one or many devices",
    load: async () => (await import("./send/command.js")).sendCommand(),
  },
  {
    name: "simulate",
    summary: "run Apple's side on this machine and watch what arrives",
    load: async () => (await import("./simulate/command.js")).simulateCommand(),
  },
  {
    name: "bench",
    summary: "measure both wires side by side",
    load: async () => (await import("./bench/command.js")).benchCommand(),
  },
  {
    name: "doctor",
    summary: "find out why pushes do not go out",
    load: async () => (await import("./doctor/command.js")).doctorCommand(),
  },
  {
    name: "channels",
    summary: "create, list, show and delete broadcast channels",
    load: async () => (await import("./channels/command.js")).channelsCommand(),
  },
  {
    name: "feedback",
    summary: "read a feedback service: devices on which the app is gone",
    load: async () => (await import("./feedback/command.js")).feedbackCommand(),
  },
  {
    name: "payload",
    summary: "check and measure payloads",
    load: async () => (await import("./payload/command.js")).payloadCommand(),
  },
  {
    name: "cert",
    summary: "ask for, look at and convert push certificates",
    load: async () => (await import("./cert/command.js")).certCommand(),
  },
  {
    name: "key",
    summary: "look at signing keys (.p8)",
    load: async () => (await import("./key/command.js")).keyCommand(),
  },
  {
    name: "token",
    summary: "make and judge provider tokens (JWT)",
    load: async () => (await import("./token/command.js")).tokenCommand(),
  },
  {
    name: "bridge",
    summary: "let legacy senders reach APNs",
    load: async () => (await import("./bridge/command.js")).bridgeCommand(),
  },
];

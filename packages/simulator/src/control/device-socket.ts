import type { AppleEnvironment } from "@apns/core";
import { ApnsError, InvalidArgumentError } from "@apns/core";
import { contain } from "@apns/net";
import type { WebSocket } from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import type { ConnectedDevice, InstalledApp, UninstallNoticed } from "../devices/connected-device.js";
import type { ConnectDeviceOptions } from "../devices/device-directory.js";
import { checkFields, type Fields, oneOf, optional, required, text } from "../rules.js";
import type { Simulator } from "../simulator.js";
import { describe } from "./answer-errors.js";
import { answering, answers } from "./answers.js";
import { deviceToken, environment, object, route, text as textSchema } from "./schemas.js";

interface DeviceQuery {
  readonly topic?: string;
  readonly environment?: AppleEnvironment;
  readonly deviceToken?: string;
  readonly batchMs?: string;
  readonly offline?: "true";
}

/** The commands of a device, and their fields. */
const commands: Readonly<Record<Command["type"], Fields>> = {
  goOffline: {},
  comeOnline: {},
  register: { topic: optional(text), environment: optional(oneOf("production", "development")) },
  uninstall: { bundleId: optional(text), noticed: optional(oneOf("atOnce", "nextPush")) },
  subscribe: { channelId: required(text), bundleId: optional(text) },
  unsubscribe: { channelId: required(text) },
};

type Command =
  | { readonly type: "goOffline" | "comeOnline" }
  | { readonly type: "register"; readonly topic?: string; readonly environment?: AppleEnvironment }
  | { readonly type: "uninstall"; readonly bundleId?: string; readonly noticed?: UninstallNoticed }
  | { readonly type: "subscribe"; readonly channelId: string; readonly bundleId?: string }
  | { readonly type: "unsubscribe"; readonly channelId: string };

/** A device that has not read so many bytes of notifications is disconnected. */
const maxUnreadBytes = 16 * 1024 * 1024;

/** Close codes of WebSocket (RFC 6455, section 7.4.1, and IANA's registry). */
const policyViolation = 1008;
const tryAgainLater = 1013;

/**
 * A device over WebSocket. It is told `registered` with its device token, then `notification` for each that arrives; what
 * it asks for is answered by `done` or `error`. When the socket closes, the device is disconnected.
 */
export function deviceSocket(routes: FastifyInstance, apple: Simulator, maxDevices: number): void {
  let connected = 0;

  routes.get<{ Querystring: DeviceQuery }>(
    "/v1/devices/connect",
    {
      ...route("WebSocket: a device that registers for a topic, receives, goes offline, comes back, removes apps.", {
        querystring: object({
          "topic?": textSchema,
          "environment?": environment,
          "deviceToken?": deviceToken,
          "batchMs?": { type: "string", pattern: "^[0-9]{1,7}$" },
          "offline?": { enum: ["true"] },
        }),
      }),
      websocket: true,
    },
    (socket, request) => {
      if (connected >= maxDevices) {
        socket.close(tryAgainLater, `${maxDevices} devices are connected already`);
        return;
      }
      const device = connect(apple, socket, request.query);
      if (device === undefined) return;
      connected++;
      const listen = (): void => {
        socket.on("message", (data: Buffer) => obey(device, socket, data.toString()));
        socket.on("error", () => {});
        socket.once("close", () => {
          connected--;
          device.disconnect();
        });
      };
      contain(socket, listen, () => socket.terminate());
    },
  );

  routes.get(
    "/v1/devices",
    route(
      "The devices that are connected, in process or over WebSocket (/v1/devices/connect).",
      answering(200, answers.devices),
    ),
    () => ({
      devices: apple.world.connectedDevices.map(({ apps, online, waiting, delivered, dropped }) => ({
        apps,
        online,
        waiting,
        delivered: delivered.total,
        dropped,
      })),
    }),
  );
}

function connect(apple: Simulator, socket: WebSocket, query: DeviceQuery): ConnectedDevice | undefined {
  const { offline, batchMs, ...rest } = query;
  const options: ConnectDeviceOptions = {
    ...rest,
    online: offline === undefined,
    maxDelivered: 1,
    ...(batchMs === undefined ? {} : { batchMs: Number(batchMs) }),
    onNotification: (notification) => {
      if (socket.bufferedAmount > maxUnreadBytes) socket.close(policyViolation, "what arrives is not read");
      else tell(socket, { type: "notification", notification });
    },
  };
  try {
    const device = apple.world.connectDevice(options);
    tell(socket, { type: "registered", ...device.apps[0]! });
    return device;
  } catch (error) {
    tell(socket, { type: "error", ...describe(asError(error)).body });
    socket.close(policyViolation, "no such device can be connected");
    return undefined;
  }
}

function obey(device: ConnectedDevice, socket: WebSocket, message: string): void {
  try {
    const command = parseCommand(message);
    const registered = perform(device, command);
    if (registered !== undefined) tell(socket, { type: "registered", ...registered });
    tell(socket, { type: "done", command: command.type });
  } catch (error) {
    tell(socket, { type: "error", ...describe(asError(error)).body });
  }
}

function parseCommand(message: string): Command {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    throw new ApnsError("ERR_APNS_INVALID_ARGUMENT", "a command is a JSON object.");
  }
  const type = (value as { readonly type?: unknown } | null)?.type;
  const types = Object.keys(commands);
  if (typeof type !== "string" || !types.includes(type)) {
    throw new InvalidArgumentError("type", `is not one of ${types.join(", ")}.`);
  }
  checkFields(type, value, { type: required(text), ...commands[type as Command["type"]] });
  return value as Command;
}

/** Returns the app that was installed, if one was. */
function perform(device: ConnectedDevice, command: Command): InstalledApp | undefined {
  switch (command.type) {
    case "goOffline":
      device.goOffline();
      return undefined;
    case "comeOnline":
      device.comeOnline();
      return undefined;
    case "register": {
      const { type: _, ...options } = command;
      const made = device.register(options);
      return device.apps.find((app) => app.deviceToken === made);
    }
    case "uninstall":
      device.uninstall(command);
      return undefined;
    case "subscribe":
      device.subscribe(command.channelId, command.bundleId);
      return undefined;
    default:
      device.unsubscribe(command.channelId);
      return undefined;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function tell(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

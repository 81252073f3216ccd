// Compiled with the typings of @parse/node-apn and with those of this package, under the name "apn".

import * as apn from "apn";
import defaultImport, {
  type ApsNotificationInterruptionLevel,
  type BroadcastResponse,
  type BroadcastResponseFailure,
  type ChannelAction,
  type LoggerResponse,
  type LoggerResponseFailure,
  MultiProvider,
  type MultiProviderOptions,
  Notification,
  type NotificationAlertOptions,
  type NotificationPushType,
  Provider,
  type ProviderOptions,
  type ProviderToken,
  type ResponseFailure,
  type ResponseSent,
  type Responses,
  token,
} from "apn";

const key: ProviderToken = { key: Buffer.from(""), keyId: "KEY1234567", teamId: "TEAM123456" };
const options: ProviderOptions = {
  token: key,
  cert: "cert.pem",
  key: Buffer.from(""),
  ca: ["ca.pem", Buffer.from("")],
  pfx: "file.p12",
  passphrase: "open",
  production: false,
  address: "127.0.0.1",
  port: 443,
  manageChannelsAddress: "127.0.0.1",
  manageChannelsPort: 2195,
  proxy: { host: "proxy", port: "8080" },
  manageChannelsProxy: { host: "proxy", port: 8080 },
  rejectUnauthorized: true,
  connectionRetryLimit: 3,
  heartBeat: 60_000,
  requestTimeout: 5000,
};
const several: MultiProviderOptions = { ...options, clientCount: 2 };

class Sender {
  readonly lines: unknown[] = [];
  readonly #provider: apn.Provider = new apn.Provider(options);
  readonly #pool: MultiProvider = new MultiProvider(several);
  readonly #other: Provider = new defaultImport.Provider({});

  async send(devices: string[]): Promise<string[]> {
    const note = new apn.Notification({ alert: "Hi" });
    note.topic = "com.example.App";
    note.id = note.requestId = note.channelId = note.collapseId = "id";
    note.expiry = Math.floor(Date.now() / 1000) + 3600;
    note.priority = 10;
    note.pushType = "alert" satisfies NotificationPushType;
    note.threadId = "thread";
    note.payload = { any: ["thing"] };
    note.rawPayload = { aps: {} };
    note.aps = { alert: { title: "t", "loc-args": [1, "a"] }, "interruption-level": "active", "url-args": ["a"] };
    note.aps.badge = 1;
    note.aps["content-state"] = { score: 1 };
    note.badge = 1;
    note.sound = "ping.aiff";
    note.sound = { critical: 1, name: "alarm", volume: 1 };
    const alert: NotificationAlertOptions = { title: "t", body: "b", "loc-args": ["a"], "launch-image": "i" };
    note.alert = alert;
    note.alert = "Hi";
    note.contentAvailable = note.mutableContent = note.contentChanged = true;
    note.mdm = "magic";
    note.mdm = { push: "magic" };
    note.urlArgs = ["a"];
    const available: boolean = note.contentAvailable;
    const level: ApsNotificationInterruptionLevel = "critical";

    const responses: Responses<ResponseSent, ResponseFailure> = await this.#provider.send(note, devices);
    await this.#pool.send(note, devices[0] ?? "");
    const failed = responses.failed.map((failure: ResponseFailure): string => {
      const error: Error | undefined = failure.error;
      const status: number | undefined = failure.status;
      return `${failure.device} ${error?.message} ${status} ${failure.response?.reason} ${available} ${level}`;
    });
    return responses.sent.map(({ device }) => device).concat(failed);
  }

  async channels(action: ChannelAction): Promise<void> {
    const note = new Notification();
    const { sent, failed } = await this.#provider.manageChannels([note], "com.example.App", action);
    const first: BroadcastResponse | undefined = sent[0];
    const failure: BroadcastResponseFailure | undefined = failed[0];
    this.lines.push(first?.["apns-channel-id"], first?.channels, first?.["message-storage-policy"], failure?.bundleId);
    await this.#provider.broadcast(note, "com.example.App");
    const log: Responses<LoggerResponse, LoggerResponseFailure> = await this.#provider.setLogger(
      (message: string) => void this.lines.push(message),
      (message: string) => void this.lines.push(message),
    );
    this.lines.push(log.sent, token("<ab>"), token(Buffer.from("ab", "hex")));
    this.#provider.once("error", () => {}).setMaxListeners(5);
    await this.#provider.shutdown(() => {});
    await this.#pool.shutdown();
    await this.#other.shutdown();
  }
}

class Own extends Provider {
  constructor() {
    super(options);
  }
}

export const all: object[] = [new Sender(), new Own()];

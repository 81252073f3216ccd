import { checkBridgeOptions, memoryFeedbackStore } from "@apns/bridge";
import { ConfigFile, toBridgeOptions } from "@apns/bridge/config";
import { InvalidArgumentError, type Transport } from "@apns/core";
import { testIdentities } from "@apns/testkit/identities";
import { moduleOfCommand } from "../command.js";
import { mayRefuse } from "../declared.js";
import { mutateJson } from "../inputs/mutate-json.js";
import { mutateText } from "../inputs/mutate-text.js";
import type { OpenTarget, Target } from "../target.js";
import { idleStats } from "./idle-stats.js";

const yamlWords = [
  "tls:",
  "  cert: a.pem",
  "apps:",
  "senders:",
  "gateway: { port: 0 }",
  "- ",
  "  - name: x",
  "match: { uid: x }",
  "rules: { Unregistered: feedback }",
  "&a [*a]",
  "<<: *a",
  "!!binary aGk=",
  "!!set { a }",
  "? [a]",
  "|\n  x",
  "0x10",
  "0o7",
  ".inf",
  "2026-01-01",
  "%YAML 1.1\n---",
  "---",
  "{ a: ",
];

const bridgeYaml = `gateway: { host: 127.0.0.1, port: 2195 }
feedback: [{ port: 2196 }]
operations: { port: 9100 }
tls:
  cert: server.pem
  key: server.key
  clientCa: [ca.pem]
  minVersion: TLSv1.2
store: ./store
apps:
  - name: shop
    topic: com.example.App
    upstream:
      environment: production
      token: { key: AuthKey.p8, keyId: ABC123DEFG, teamId: TEAM123456 }
    pushTypes: [{ key: mdm, pushType: mdm }, { pushType: alert }]
    rules: &rules
      Unregistered: feedback
      TooManyRequests: { retryForMs: 60000, finally: shutdown }
senders:
  - name: old
    app: shop
    match: { uid: com.example.App, address: 10.0.0.0/8 }
rules: *rules
limits: { maxConnections: 100 }
`;

const transport: Transport = {
  protocol: "http2",
  send: () => Promise.reject(new Error("nothing is sent here")),
  stats: () => idleStats,
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

export const bridgeConfig: Target = {
  name: "bridge-config",
  summary: "configurations of a bridge (YAML), to their reader and to the checks of the options they stand for",
  maxInputBytes: 65_536,
  maxMs: 10_000,
  testInputs: 100,
  open: async (): Promise<OpenTarget> => {
    const { ca, server } = await testIdentities();
    const files: Readonly<Record<string, string>> = {
      "server.pem": server.cert,
      "server.key": server.key,
      "ca.pem": ca,
    };
    const readFile = (field: string, path: string): Buffer => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (content === undefined) throw new InvalidArgumentError(field, "cannot be read.");
      return Buffer.from(content);
    };
    return {
      seeds: [
        Buffer.from(bridgeYaml),
        Buffer.from('{"tls":{"cert":"server.pem","key":"server.key"},"apps":[],"senders":[]}'),
      ],
      mutate: (seed, random) => {
        const text = Buffer.from(seed).toString();
        return Buffer.from(
          text.startsWith("{") ? mutateJson(text, yamlWords, random) : mutateText(text, yamlWords, random),
        );
      },
      run: async (input) => {
        await mayRefuse(() => {
          const file = ConfigFile.parse(Buffer.from(input).toString(), "bridge.yaml");
          const options = toBridgeOptions(file, {
            folder: "/nonexistent",
            readFile,
            transportFor: () => transport,
            feedbackStore: memoryFeedbackStore(),
          });
          try {
            return checkBridgeOptions(options);
          } catch (error) {
            throw file.locate(error);
          }
        });
      },
    };
  },
};

const settings = [
  "environment",
  "host",
  "port",
  "ca",
  "key",
  "keyId",
  "teamId",
  "topic",
  "cert",
  "passphraseFile",
  "ports",
];

const apnsJsonText = `{"environment":"development","host":"localhost","ca":"ca.pem","key":"AuthKey.p8","keyId":"ABC123DEFG","teamId":"TEAM123456","topic":"com.example.App","ports":{"http2":2197}}`;

interface ConfigFiles {
  findConfigFiles(option: string, env: NodeJS.ProcessEnv, cwd: string): Promise<unknown>;
}

export const apnsJson: Target = {
  name: "apns-json",
  summary: "configurations of the `apns` command (apns.json), to their reader",
  maxInputBytes: 65_536,
  maxMs: 1000,
  testInputs: 500,
  open: async (): Promise<OpenTarget> => {
    const { findConfigFiles } = await moduleOfCommand<ConfigFiles>("settings/config-file");
    return {
      seeds: [Buffer.from(apnsJsonText), Buffer.from("{}")],
      mutate: (seed, random) => Buffer.from(mutateJson(Buffer.from(seed).toString(), settings, random)),
      run: async (input) => {
        await mayRefuse(() => findConfigFiles(Buffer.from(input).toString(), {}, "/nonexistent"));
      },
    };
  },
};

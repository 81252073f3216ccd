import { dirname, resolve } from "node:path";
import { type Bridge, openStores, type Stores, startBridge } from "@apns/bridge";
import type { BridgeConfig, ConfigFile } from "@apns/bridge/config";
import { OperationsServer } from "@apns/bridge/operations";
import { escapeJson } from "@apns/core/internal";
import { destination, type Logger, pino } from "pino";
import type { Audit } from "./audit.js";
import { asUsage, checkOptions, holdLimits, makeOptions, openAudit, readConfig } from "./configuration.js";
import type { BridgeFlags } from "./flags.js";
import { reportReady, startedWith, startSuccessor, storeGraceMs } from "./hand-over.js";
import { Upstreams } from "./upstreams.js";

const usualDrainMs = 10_000;

/** How much of the log is kept while it cannot be written. */
const maxWaitingLogBytes = 1024 * 1024;

/** What a reload leaves as it was. */
const settingsForLife = ["store", "hold", "operations", "audit", "limits.maxUndecided"] as const;

/**
 * `apns bridge`: runs until it is told to end by SIGTERM or SIGINT.
 * @throws {UsageError} if the configuration is wrong
 */
export async function runBridge(flags: BridgeFlags): Promise<void> {
  const service = await Service.start(flags);
  await service.ended;
}

class Service {
  readonly ended: Promise<void>;
  readonly #flags: BridgeFlags;
  readonly #log: Logger;
  readonly #audit: Audit;
  readonly #stores: Stores;
  readonly #upstreams: Upstreams;
  readonly #bridge: Bridge;
  readonly #operations: OperationsServer | undefined;
  #file: ConfigFile;
  #reloading: Promise<void> = Promise.resolve();
  #isHandingOver = false;

  private constructor(
    flags: BridgeFlags,
    file: ConfigFile,
    parts: {
      readonly log: Logger;
      readonly audit: Audit;
      readonly stores: Stores;
      readonly upstreams: Upstreams;
      readonly bridge: Bridge;
      readonly operations: OperationsServer | undefined;
    },
  ) {
    this.#flags = flags;
    this.#file = file;
    this.#log = parts.log;
    this.#audit = parts.audit;
    this.#stores = parts.stores;
    this.#upstreams = parts.upstreams;
    this.#bridge = parts.bridge;
    this.#operations = parts.operations;
    this.ended = this.#untilEnded();
  }

  static async start(flags: BridgeFlags): Promise<Service> {
    const file = readConfig(flags.config);
    const { config } = file;
    const folder = dirname(flags.config);
    const lines = destination({ dest: 1, sync: true, maxLength: maxWaitingLogBytes });
    // A full disk is no reason to end; what cannot be logged is dropped.
    lines.on("error", () => {});
    const log = pino({ level: config.logLevel ?? "info", base: null, hooks: { streamWrite: escapeJson } }, lines);
    const upstreams = new Upstreams(folder);
    /** What is to be undone if the rest fails, or the process would go on with half of it. */
    const opened: (() => Promise<void>)[] = [() => upstreams.close({ timeoutMs: 0 })];
    try {
      const audit = openAudit(config, folder, log);
      const { descriptors, isSuccessor } = startedWith();
      if (isSuccessor) {
        checkOptions(file, flags.config, upstreams);
        await reportReady();
      }
      const stores = await openStores({
        path: resolve(folder, config.store),
        // The bridge before this one may still drain.
        waitMs: (config.drainTimeoutMs ?? usualDrainMs) + storeGraceMs,
        ...holdLimits(config),
      });
      opened.push(() => stores.close());
      const running = { log, audit, flags };
      const options = makeOptions(file, flags.config, stores, upstreams, running);
      const bridge = await startBridge({ ...options, inherited: descriptors });
      opened.push(() => bridge.close({ timeoutMs: 0 }));
      upstreams.commit();
      const { operations: wanted } = config;
      const operations = wanted === undefined ? undefined : await OperationsServer.start(bridge, wanted);
      const service = new Service(flags, file, { log, audit, stores, upstreams, bridge, operations });
      // Whoever reads this may send signals, which are heeded from now on.
      log.info({ ...bridge.ports, operations: operations?.port, shadow: flags.shadow ?? false }, "The bridge runs.");
      return service;
    } catch (error) {
      for (const undo of opened.reverse()) await undo();
      throw asUsage(file, error);
    }
  }

  async #untilEnded(): Promise<void> {
    const onReload = (): void => {
      this.#reloading = this.#reloading.then(() => this.#reload());
    };
    process.on("SIGHUP", onReload);
    const endings = ["SIGTERM", "SIGINT"] as const;
    const handsOver = await new Promise<boolean>((end) => {
      const onEnd = (): void => {
        // A second one ends the process at once, as if nobody listened.
        for (const signal of endings) process.off(signal, onEnd);
        end(false);
      };
      for (const signal of endings) process.on(signal, onEnd);
      if (process.platform !== "win32")
        process.on("SIGUSR2", () => void this.#handOver().then((done) => done && end(true)));
    });
    process.off("SIGHUP", onReload);
    const timeoutMs = this.#file.config.drainTimeoutMs ?? usualDrainMs;
    this.#log.info({ timeoutMs }, "The bridge ends: what was taken is decided first.");
    await this.#reloading;
    const closed = this.#bridge.close({ timeoutMs, handsOver });
    await this.#bridge.released;
    await this.#operations?.close();
    await this.#upstreams.close({ timeoutMs: 0 });
    // A successor waits for this; senders may take longer to close their connections.
    await this.#stores.close();
    await closed;
    this.#log.info(this.#bridge.stats(), "The bridge has ended.");
    this.#audit.close();
  }

  /** Whether a successor waits for the store; errors are logged, and nothing changes. */
  async #handOver(): Promise<boolean> {
    if (this.#isHandingOver) return false;
    this.#isHandingOver = true;
    try {
      const successor = await startSuccessor(this.#bridge.descriptors);
      this.#log.info({ successor }, "Another process takes over.");
      return true;
    } catch (error) {
      this.#log.error({ error: (error as Error).message }, "No other process could be started; nothing was changed.");
      return false;
    } finally {
      this.#isHandingOver = false;
    }
  }

  /** Errors are logged, and nothing changes. */
  async #reload(): Promise<void> {
    this.#audit.reopen();
    try {
      const file = readConfig(this.#flags.config);
      const { config } = this.#file;
      try {
        const running = { log: this.#log, audit: this.#audit, flags: this.#flags };
        await this.#bridge.reload(makeOptions(file, this.#flags.config, this.#stores, this.#upstreams, running));
      } catch (error) {
        await this.#upstreams.rollBack();
        throw asUsage(file, error);
      }
      this.#file = file;
      this.#log.level = file.config.logLevel ?? "info";
      const needRestart = settingsForLife.filter((name) => settingOf(config, name) !== settingOf(file.config, name));
      this.#log.info({ ...this.#bridge.ports, needRestart }, "The configuration was read again.");
      // What was given to them is answered before they close.
      for (const transport of this.#upstreams.commit()) {
        transport
          .close({ timeoutMs: 60_000 })
          .catch((error: Error) => this.#log.warn({ error: error.message }, "Close."));
      }
    } catch (error) {
      this.#log.error({ error: (error as Error).message }, "The configuration is wrong; nothing was changed.");
    }
  }
}

function settingOf(config: BridgeConfig, name: (typeof settingsForLife)[number]): string | undefined {
  return JSON.stringify(name === "limits.maxUndecided" ? config.limits?.maxUndecided : config[name]);
}

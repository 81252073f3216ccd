import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { contain } from "@apns/net";
import fastifyStatic from "@fastify/static";
import fastifyWebsocket, { type WebSocket } from "@fastify/websocket";
import fastify, { type FastifyInstance } from "fastify";
import { Stage } from "../stage/stage.js";
import { refusal, securityHeaders } from "./guard.js";
import { answerOutsideCalls } from "./outside-calls.js";
import { PageChannel } from "./page-channel.js";
import { perform } from "./page-session.js";
import { Pages } from "./pages.js";
import type { RunReport, Sample, Welcome } from "./protocol.js";
import { readHello, readRequest } from "./requests.js";

export interface PageServerOptions {
  /** 0: any free one. */
  readonly port: number;
}

const loopback = "127.0.0.1";
/** How soon a new connection must say who it is, in milliseconds. */
const helloTimeoutMs = 5000;
/** More requests of a page than this under way, and it is told to wait. */
const maxPending = 20;
/** Figures go out this often at most. */
const sampleEveryMs = 66;
/** A page that is gone without a word is found out by this. */
const pingEveryMs = 15_000;

/** Serves the page, on this machine only. Nothing else is started before the first page comes. */
export class PageServer {
  readonly url: string;
  readonly #app: FastifyInstance;
  readonly #stage: Stage;
  readonly #pages: Pages;

  private constructor(app: FastifyInstance, stage: Stage, pages: Pages, port: number) {
    this.#app = app;
    this.#stage = stage;
    this.#pages = pages;
    this.url = `http://${loopback}:${port}/`;
  }

  /** @throws if the port is taken: an error with the code `EADDRINUSE` */
  static async start(options: PageServerOptions): Promise<PageServer> {
    const pages = new Pages();
    const stage = makeStage(pages);
    const app = fastify({ bodyLimit: 16 * 1024, forceCloseConnections: true });
    let port = options.port;
    app.addHook("onRequest", async ({ headers }, reply) => {
      reply.headers(securityHeaders);
      const why = refusal(headers, port);
      if (why !== undefined) await reply.code(403).type("text/plain").send(`${why}\n`);
    });
    await app.register(fastifyWebsocket, { options: { maxPayload: 64 * 1024 } });
    await app.register(fastifyStatic, { root: fileURLToPath(new URL("../site/", import.meta.url)) });
    app.get("/api/socket", { websocket: true }, (socket) => {
      contain(
        socket,
        () => attend(socket, stage, pages),
        () => socket.terminate(),
      );
    });
    answerOutsideCalls(app, pages);
    await app.listen({ host: loopback, port });
    ({ port } = app.server.address() as AddressInfo);
    // A failing accept (out of file descriptors) must not end the process.
    app.server.on("error", () => {});
    return new PageServer(app, stage, pages, port);
  }

  /** How many pages are open. */
  get pages(): number {
    return this.#pages.size;
  }

  /** Shows a run that was made elsewhere. */
  keep(report: RunReport): void {
    this.#stage.keep(report);
  }

  async close(): Promise<void> {
    await this.#stage.close();
    for (const page of [...this.#pages]) page.close(1001, "the demo ends");
    await this.#app.close();
  }
}

function makeStage(pages: Pages): Stage {
  let isDue = false;
  const stage: Stage = new Stage({
    changed: () => {
      if (isDue) return;
      isDue = true;
      setTimeout(() => {
        isDue = false;
        sendFigures(stage, pages);
      }, sampleEveryMs);
    },
    event: (event) => {
      for (const page of pages) page.event(event);
    },
    phones: (phones) => {
      for (const page of pages) page.offer({ type: "phones", phones });
    },
    runEnded: (report) => {
      for (const page of pages) page.send({ type: "runEnded", report });
    },
  });
  return stage;
}

function figures(stage: Stage): Omit<Sample, "type"> {
  const { run, lanes, bridge, activeFaults, struckFaults } = stage;
  return { run, lanes, bridge, activeFaults, struckFaults };
}

function sendFigures(stage: Stage, pages: Pages): void {
  const sample: Sample = { type: "sample", ...figures(stage) };
  for (const page of pages) page.offer(sample);
  if (sample.run === null) return;
  const { id, owner, percent } = sample.run;
  pages.get(owner)?.offer({ type: "percent", run: id, percent });
}

/** One page's connection, from its first message to its end. */
function attend(socket: WebSocket, stage: Stage, pages: Pages): void {
  let page: PageChannel | undefined;
  let pending = 0;
  let isAlive = true;
  const hello = setTimeout(() => socket.close(1008, "no hello"), helloTimeoutMs);
  const pings = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    socket.ping();
  }, pingEveryMs);
  socket.on("pong", () => {
    isAlive = true;
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    clearTimeout(hello);
    clearInterval(pings);
    if (page !== undefined) pages.remove(page);
  });
  const answer = async (text: string, from: PageChannel): Promise<void> => {
    let seq = 0;
    try {
      const value: unknown = JSON.parse(text);
      seq = Number((value as { seq?: unknown } | null)?.seq ?? 0);
      const request = readRequest(value);
      if (pending >= maxPending) throw new Error("Too much at a time; wait for the answers.");
      pending++;
      const result = await perform(request, stage, from).finally(() => pending--);
      from.send({ type: "answer", seq, problem: null, ...(result === undefined ? {} : { result }) });
    } catch (error) {
      from.send({ type: "answer", seq, problem: (error as Error).message });
    }
  };
  socket.on("message", (data) => {
    const text = String(data);
    if (page !== undefined) {
      void answer(text, page);
      return;
    }
    clearTimeout(hello);
    page = welcome(socket, text, stage, pages);
  });
}

function welcome(socket: WebSocket, text: string, stage: Stage, pages: Pages): PageChannel | undefined {
  let id: string;
  try {
    id = readHello(JSON.parse(text));
  } catch (error) {
    socket.close(1008, (error as Error).message.slice(0, 120));
    return undefined;
  }
  const page = new PageChannel(id, socket);
  if (!pages.add(page)) {
    socket.close(1013, "too many pages are open");
    return undefined;
  }
  const { events, phones, runs } = stage;
  const message: Welcome = { type: "welcome", id, ...figures(stage), events, phones, runs };
  page.send(message);
  stage.open().catch((error: Error) => {
    page.send({ type: "message", to: id, text: error.message, at: Date.now() });
  });
  return page;
}

import "reflect-metadata";
import { alert, Http2Transport } from "@apns/http2";
import { Injectable, Module, type OnApplicationShutdown } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

const settings = JSON.parse(process.env["SENDER"] ?? "{}");

@Injectable()
class Reminders implements OnApplicationShutdown {
  constructor(private readonly transport: Http2Transport) {}

  async remind(): Promise<string> {
    const { kind } = await this.transport.send(alert({ aps: { alert: "Dinner is ready" } }), settings.deviceToken);
    return kind;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
    console.log("closed");
  }
}

@Module({ providers: [Reminders, { provide: Http2Transport, useFactory: () => new Http2Transport(settings.http2) }] })
class App {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  app.enableShutdownHooks();
  console.log(await app.get(Reminders).remind());
  process.kill(process.pid, "SIGTERM");
}

void main();

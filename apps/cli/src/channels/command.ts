import type { ChannelClient, MessageStorage } from "@apns/http2";
import { type Command, Option } from "commander";
import { UsageError } from "../errors.js";
import { type CommandText, makeCommand, makeLeafCommand } from "../make-command.js";
import { addConnectionOptions } from "../settings/options.js";
import { type SettingFlags, Settings } from "../settings/settings.js";
import { http2ClientOptions } from "../settings/transports.js";
import { print, printJson } from "../terminal/output.js";

interface ChannelFlags extends SettingFlags {
  readonly json?: boolean;
}

/** Spelled as options are. */
const storages: Readonly<Record<string, MessageStorage>> = { none: "none", "most-recent": "mostRecent" };

/** `apns channels`: the channels to which broadcasts are sent. */
export function channelsCommand(): Command {
  return makeCommand({
    name: "channels",
    summary: "create, list, show and delete broadcast channels",
    description: `Creates, lists, shows and deletes the channels to which Live Activities are broadcast.

An app can have 10,000 in each environment; they live until they are deleted.`,
    examples: [
      ["apns channels create --storage most-recent --topic com.example.App --environment development", "a new one"],
      ["apns channels list", "all of the app's"],
    ],
  })
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(deleteCommand());
}

function createCommand(): Command {
  return channelCommand({
    name: "create",
    summary: "make a channel and print its id",
    examples: [["apns channels create --storage none", "for many updates, none of which is kept"]],
  })
    .addOption(
      new Option("--storage <policy>", "what is kept for devices that are offline; cannot be changed later")
        .choices(Object.keys(storages))
        .makeOptionMandatory(),
    )
    .action((flags: ChannelFlags & { readonly storage: string }) =>
      withClient(flags, async (client) => {
        const { channelId, messageStorage } = await client.create({ messageStorage: storages[flags.storage]! });
        if (flags.json) printJson({ channelId, storage: spelled(messageStorage) });
        else print(channelId);
      }),
    );
}

function listCommand(): Command {
  return channelCommand({
    name: "list",
    summary: "print the ids of all channels of the app",
    examples: [["apns channels list --json", "as JSON"]],
  }).action((flags: ChannelFlags) =>
    withClient(flags, async (client) => {
      const channelIds = await client.list();
      if (flags.json) printJson({ channelIds });
      else print(...channelIds);
    }),
  );
}

function showCommand(): Command {
  return channelCommand({
    name: "show",
    summary: "print how a channel was made",
    examples: [["apns channels show dHN0LXNyY2gtY2hubA==", "the id as create printed it"]],
  })
    .argument("<channel-id>", "as create printed it")
    .action((channelId: string, flags: ChannelFlags) =>
      withClient(flags, async (client) => {
        const { messageStorage } = await client.read(channelId);
        if (flags.json) printJson({ channelId, storage: spelled(messageStorage) });
        else print(`${channelId}  storage ${spelled(messageStorage)}`);
      }),
    );
}

function deleteCommand(): Command {
  return channelCommand({
    name: "delete",
    summary: "delete a channel, for good",
    examples: [["apns channels delete dHN0LXNyY2gtY2hubA==", "what was sent to it is not recalled"]],
  })
    .argument("<channel-id>", "as create printed it")
    .action((channelId: string, flags: ChannelFlags) =>
      withClient(flags, async (client) => {
        await client.delete(channelId);
        if (flags.json) printJson({ channelId, deleted: true });
        else print(`deleted ${channelId}`);
      }),
    );
}

function channelCommand(text: CommandText): Command {
  return addConnectionOptions(makeLeafCommand(text), { token: true });
}

async function withClient(flags: ChannelFlags, use: (client: ChannelClient) => Promise<void>): Promise<void> {
  const settings = await Settings.read(flags);
  const bundleId = settings.value("topic");
  if (bundleId === undefined) throw new UsageError("whose channels? Give --topic, the app's bundle ID");
  const options = await http2ClientOptions(settings, "channels");
  const { ChannelClient: Client } = await import("@apns/http2");
  const client = new Client({ ...options, bundleId });
  try {
    // A server that cannot be reached is told at once; a request would be tried until its time is up.
    await client.connect();
    await use(client);
  } finally {
    await client.close();
  }
}

function spelled(storage: MessageStorage | number): string {
  return Object.entries(storages).find(([, value]) => value === storage)?.[0] ?? String(storage);
}

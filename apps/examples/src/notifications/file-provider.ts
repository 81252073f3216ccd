import { fileProvider, type Outcome, type Transport } from "@apns/http2";

/** Tells the system to ask the File Provider what has changed; goes to the PushKit token of type `.fileProvider`. */
export function sendFileProvider(transport: Transport, deviceToken: string): Promise<Outcome> {
  const changed = fileProvider({
    containerIdentifier: "NSFileProviderWorkingSetContainerItemIdentifier",
    domain: "recipes",
  });
  return transport.send(changed, deviceToken);
}

import { Http2Transport, type Outcome } from "@apns/http2";
import { type Simulator, startSimulator } from "@apns/simulator";
import { examples } from "./examples.js";

/**
 * The device that everything is sent to.
 * @internal for the test
 */
export const deviceToken: string = "ab".repeat(32);
/** The device that is managed, and known to Apple under the MDM certificate's topic. */
const managedDeviceToken = "cd".repeat(32);
const mdmTopic = "com.apple.mgmt.External.3d2f7c1e-9d0b-4b53-9c39-2f5f3f0a6f11";

/** Apple on localhost, a sender with a signing key, and one with an MDM push certificate. */
export class Stage {
  readonly apple: Simulator;
  readonly #withKey: Http2Transport;
  readonly #withMdmCertificate: Http2Transport;

  private constructor(apple: Simulator, withKey: Http2Transport, withMdmCertificate: Http2Transport) {
    this.apple = apple;
    this.#withKey = withKey;
    this.#withMdmCertificate = withMdmCertificate;
  }

  static async open(): Promise<Stage> {
    const apple = await startSimulator();
    const { signingKey: key, keyId, teamId, topic } = apple.credentials;
    apple.world.register(deviceToken);
    apple.world.addApp({ bundleId: mdmTopic, teamId });
    apple.world.register(managedDeviceToken, { topic: mdmTopic });
    const certificate = await apple.authority.issuePushCertificate({
      bundleId: mdmTopic,
      teamId,
      environments: ["production"],
    });
    return new Stage(
      apple,
      new Http2Transport({ environment: apple.http2, auth: { type: "token", key, keyId, teamId }, topic }),
      new Http2Transport({ environment: apple.http2, auth: { type: "certificate", ...certificate } }),
    );
  }

  /** Plays the example of this name: as a managed device's MDM server, or as the app's sender. */
  play(name: string): Promise<Outcome> {
    const example = examples[name]!;
    return name === "mdm" ? example(this.#withMdmCertificate, managedDeviceToken) : example(this.#withKey, deviceToken);
  }

  async close(): Promise<void> {
    await Promise.all([this.#withKey.close(), this.#withMdmCertificate.close()]);
    await this.apple.close();
  }
}

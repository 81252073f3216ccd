import type { Command } from "commander";
import { makeCommand } from "../make-command.js";
import { inspectCommand } from "./inspect.js";
import { makeTokenCommand } from "./make.js";

/** `apns token`: provider tokens, the JWTs by which a sender proves who it is. */
export function tokenCommand(): Command {
  return makeCommand({
    name: "token",
    summary: "make and judge provider tokens (JWT)",
    examples: [
      ["apns token make --key AuthKey_ABC123DEFG.p8 --team-id DEF123GHIJ", "one for curl"],
      ["pbpaste | apns token inspect", "why APNs does not take one"],
    ],
  })
    .addCommand(makeTokenCommand())
    .addCommand(inspectCommand());
}

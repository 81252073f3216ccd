// A parent that starts a child and is then killed: the child's process id is printed.
import { Child } from "../../dist/index.js";

const child = new Child(new URL("answering.mjs", import.meta.url), { name: "The child" });
await child.call("pid");
process.send(child.pid);

// Starts what `next build` has made, asks it once, and prints its answer.
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const free = createServer().listen(0);
const { port } = free.address();
await new Promise((resolve) => free.close(resolve));
const server = spawn(process.execPath, ["node_modules/next/dist/bin/next", "start", "-p", String(port)]);
server.stderr.pipe(process.stderr);
for await (const text of server.stdout.setEncoding("utf8")) if (/ready/i.test(text)) break;
console.log(await (await fetch(`http://localhost:${port}/api/push`)).text());
server.kill();

import { parentPort, workerData } from "node:worker_threads";
import { type IdentityTask, performTask } from "./read-identity-in-worker.js";

parentPort?.postMessage(performTask(workerData as IdentityTask));

import { sendBoth } from "./send-both.js";

void sendBoth().then(console.log);

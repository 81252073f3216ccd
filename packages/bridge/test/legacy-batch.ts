// A legacy sender that does everything right: it writes a batch, reads until the end, and on an error response sends what
// comes behind the named frame again, on a new connection.
import { connectTo } from "./support.ts";

export interface BatchFrame {
  readonly identifier: number;
  readonly bytes: Buffer;
}

/** One error response, as the sender understood it. */
export interface Answer {
  readonly statusCode: number;
  readonly identifier: number;
}

/** Sends the batch, resends as told, and returns every answer in turn. */
export async function sendBatch(port: number, batch: readonly BatchFrame[], maxRounds: number = 50): Promise<Answer[]> {
  const answers: Answer[] = [];
  let rest = batch;
  for (let round = 0; rest.length > 0; round++) {
    if (round === maxRounds) throw new Error(`${maxRounds} rounds, and no end: ${JSON.stringify(answers.slice(-3))}`);
    const sender = await connectTo(port);
    sender.write(...rest.map(({ bytes }) => bytes));
    const hex = await sender.finish();
    if (hex === "") break;
    if (!/^08[0-9a-f]{10}$/.test(hex)) throw new Error(`not an error response: ${hex}`);
    const answer = { statusCode: Number.parseInt(hex.slice(2, 4), 16), identifier: Number.parseInt(hex.slice(4), 16) };
    answers.push(answer);
    const named = rest.findIndex(({ identifier }) => identifier === answer.identifier);
    if (named < 0 && answer.statusCode !== 10) throw new Error(`an identifier that was never sent: ${hex}`);
    rest = rest.slice(named + 1);
  }
  return answers;
}

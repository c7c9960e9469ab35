/** Asks the operator at the terminal. */

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks for a line of text; without a terminal it is read from standard input. */
export async function ask(question: string): Promise<string> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await readLine(asking, question);
  } finally {
    asking.close();
  }
}

/** The same for a password, which is not shown while it is typed. */
export async function askForSecret(question: string): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(question);
  const asking = createInterface({ input: process.stdin, output: hidden, terminal: process.stdin.isTTY });
  try {
    return await readLine(asking, "");
  } finally {
    asking.close();
    process.stderr.write("\n");
  }
}

/** A standard input that ends without a line answers with nothing. */
function readLine(asking: ReturnType<typeof createInterface>, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    asking.once("close", () => resolve(""));
    asking.question(question).then(resolve, reject);
  });
}

/** Postfix's smtp-sink: it keeps each mail that it took in a file of its own. */

import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Ending } from "#test/support/endings.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import type { ReceivedMessage } from "#test/support/scripted-smtp.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { startProgram, untilListening } from "./start-program.ts";

export type PostfixSink = { readonly port: number; readonly folder: string };

/** Starts one with these flags; it ends with the test. */
export async function aPostfixSink(t: Ending, flags: readonly string[] = []): Promise<PostfixSink> {
  const folder = aFolder(t);
  const port = await aTcpPort();
  // Run by root, it drops its rights.
  chmodSync(folder, 0o777);
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const words = [...flags, ...user, "-R", folder, "-d", "%M.", `127.0.0.1:${port}`, "100"];
  const program = startProgram(t, "smtp-sink", words);
  await untilListening(program, port);
  return { port, folder };
}

/** How many mails it has, and perhaps some that it is just taking. */
export function countMails({ folder }: PostfixSink): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** The mails that it took, for who expects those of a scripted one. */
export function readMails({ folder }: PostfixSink): ReceivedMessage[] {
  return readdirSync(folder).map((file) => {
    const kept = readFileSync(join(folder, file), "latin1").replaceAll("\n", "\r\n");
    const from = /^X-Mail-Args: <(.*?)>/m.exec(kept)?.[1] ?? "";
    const to = /^X-Rcpt-Args: <(.*?)>/m.exec(kept)?.[1] ?? "";
    const content = Buffer.from(kept.slice(kept.indexOf("(UTC)\r\n") + "(UTC)\r\n".length), "latin1");
    return { from, to, wire: content, content, isSecure: false, connection: 0, source: "127.0.0.1" };
  });
}

/** A POP3 server that follows a script: honest by default, and as unreliable or hostile as a test asks. */

import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

import type { Ending } from "./endings.ts";
import { listenToLines } from "./lines-of-socket.ts";

export type ScriptedMail = { readonly uid: string; readonly content: string };

/** What to send instead of the honest answer; `close` cuts the connection. */
export type Twist = string | undefined;

export type Pop3Script = {
  readonly mails?: readonly ScriptedMail[];
  readonly greeting?: string;
  /** Called with each command line, such as `RETR 2`; what it answers is sent instead of the honest answer. */
  readonly twist?: (command: string, connection: number) => Twist;
  readonly tls?: { readonly key: string; readonly cert: string };
};

export type ScriptedPop3 = {
  readonly port: number;
  /** Mails that are still in the mailbox. */
  readonly mails: ScriptedMail[];
  /** Command lines of all connections, in order; the argument of PASS is kept too. */
  readonly commands: string[];
};

/** Starts the server on a free port; it ends with the test. */
export async function aPop3Server(t: Ending, script: Pop3Script = {}): Promise<ScriptedPop3> {
  const mails = [...(script.mails ?? [])];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    serve(socket, connections, { script, mails, commands });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, mails, commands };
}

type Shared = { readonly script: Pop3Script; readonly mails: ScriptedMail[]; readonly commands: string[] };

function serve(plain: Socket, connection: number, { script, mails, commands }: Shared): void {
  const session = [...mails];
  const deleted = new Set<ScriptedMail>();
  let socket: Socket = plain;

  const answer = (line: string): string => {
    const [verb = "", argument = ""] = line.split(" ");
    const mail = session[Number(argument) - 1];
    switch (verb) {
      case "USER":
      case "PASS":
        return "+OK\r\n";
      case "UIDL":
        return block(session.map(({ uid }, index) => `${index + 1} ${uid}`).join("\r\n"));
      case "LIST":
        return block(session.map(({ content }, index) => `${index + 1} ${content.length}`).join("\r\n"));
      case "RETR":
        return mail === undefined ? "-ERR no such message\r\n" : block(mail.content);
      case "DELE":
        if (mail === undefined) return "-ERR no such message\r\n";
        deleted.add(mail);
        return "+OK\r\n";
      case "QUIT":
        for (const gone of deleted) mails.splice(mails.indexOf(gone), 1);
        return "+OK\r\n";
      default:
        return "-ERR what?\r\n";
    }
  };
  const take = (line: string): void => {
    commands.push(line);
    const twist = script.twist?.(line, connection);
    if (twist === "close") return void socket.destroy();
    if (twist !== undefined) return void socket.write(twist, "latin1");
    if (line === "STLS" && script.tls !== undefined) {
      socket.write("+OK\r\n");
      plain.removeAllListeners("data");
      socket = new TLSSocket(plain, { isServer: true, ...script.tls });
      socket.on("error", () => undefined);
      return listenToLines(socket, take);
    }
    socket.write(answer(line), "latin1");
    if (line === "QUIT") socket.end();
  };
  listenToLines(socket, take);
  socket.write(script.greeting ?? "+OK ready\r\n", "latin1");
}

/** A multi-line answer with its dots stuffed. */
function block(text: string): string {
  const lines = text === "" ? [] : text.replace(/\r\n$/, "").split("\r\n");
  return ["+OK", ...lines.map((line) => (line.startsWith(".") ? `.${line}` : line)), ".", ""].join("\r\n");
}

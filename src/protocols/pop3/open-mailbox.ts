/** A session with a POP3 server. @source RFC 1939, RFC 2595, RFC 8314 */

import { connect as connectPlainly, type Socket } from "node:net";
import { connect as connectSecurely, type ConnectionOptions } from "node:tls";

import { Pop3Error } from "./pop3-error.ts";
import { readFromSocket, type SocketReader } from "./socket-reader.ts";

export type Pop3Encryption = "none" | "starttls" | "pop3s";

export type MailboxAddress = {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly password: string;
  readonly encryption: Pop3Encryption;
  /** Longest wait for the connection and for each answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the session at once when aborted. */
  readonly signal?: AbortSignal;
  /** Trust, for servers with a certificate of their own. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "rejectUnauthorized">;
  /** Told each command and its reply; of the login only that it was sent. */
  readonly trace?: (command: string, reply: string) => void;
};

export type MailboxEntry = {
  /** Number within this session. */
  readonly number: number;
  /** Unique and lasting name, when the server has UIDL. */
  readonly uid: string | undefined;
};

export type Mailbox = {
  /** The mails that wait, oldest first, at most `limit`. */
  list(limit: number): Promise<MailboxEntry[]>;
  /** A mail's bytes; of a larger one the first `maxBytes`. */
  retrieve(number: number, maxBytes: number): Promise<{ content: Buffer; isTruncated: boolean }>;
  /** Marks a mail; it is removed by `quit` only. */
  delete(number: number): Promise<void>;
  /** Removes the marked mails and ends the session. */
  quit(): Promise<void>;
  /** Ends the session at once; nothing is removed. */
  abandon(): void;
};

const longestReply = 2_048;
/** 100,000 waiting mails with the longest names that RFC 1939 allows. */
const longestListing = 8 * 1024 * 1024;

/**
 * Connects and logs in. With an encryption asked for, nothing of the login is sent without it.
 * @throws Pop3Error
 */
export async function openMailbox(address: MailboxAddress): Promise<Mailbox> {
  let socket = await connect(address);
  const abandon = (): void => {
    socket.destroy();
  };
  address.signal?.addEventListener("abort", abandon, { once: true });
  try {
    let reader = readFromSocket(socket, address.timeoutMs);
    await readReply(reader, "greeting");
    if (address.encryption === "starttls") {
      socket = await upgrade(socket, reader, address);
      reader = readFromSocket(socket, address.timeoutMs);
    }
    const ask = async (command: string): Promise<string> => {
      const reply = await sendCommand(socket, reader, command);
      address.trace?.(command.replace(/^(USER|PASS) .*/, "$1 ..."), reply);
      return reply;
    };
    await ask(`USER ${oneLine(address.login)}`);
    await ask(`PASS ${oneLine(address.password)}`);
    return mailboxOver(ask, reader, () => {
      address.signal?.removeEventListener("abort", abandon);
      abandon();
    });
  } catch (error) {
    address.signal?.removeEventListener("abort", abandon);
    abandon();
    throw error;
  }
}

function mailboxOver(ask: (command: string) => Promise<string>, reader: SocketReader, close: () => void): Mailbox {
  return {
    list: async (limit) => (await listByUid(ask, reader, limit)) ?? listByNumber(ask, reader, limit),
    retrieve: async (number, maxBytes) => {
      await ask(`RETR ${number}`);
      return reader.block(maxBytes);
    },
    delete: async (number) => {
      await ask(`DELE ${number}`);
    },
    quit: async () => {
      try {
        await ask("QUIT");
      } finally {
        close();
      }
    },
    abandon: close,
  };
}

async function listByUid(
  ask: (command: string) => Promise<string>,
  reader: SocketReader,
  limit: number,
): Promise<MailboxEntry[] | undefined> {
  try {
    await ask("UIDL");
  } catch (error) {
    if (error instanceof Pop3Error && error.failure === "refused") return undefined;
    throw error;
  }
  return readEntries(await reader.block(longestListing), /^(\d{1,9}) ([\x21-\x7e]{1,255})/, limit);
}

async function listByNumber(
  ask: (command: string) => Promise<string>,
  reader: SocketReader,
  limit: number,
): Promise<MailboxEntry[]> {
  await ask("LIST");
  return readEntries(await reader.block(longestListing), /^(\d{1,9}) \d+/, limit);
}

function readEntries(
  { content, isTruncated }: { content: Buffer; isTruncated: boolean },
  form: RegExp,
  limit: number,
): MailboxEntry[] {
  const lines = content.toString("latin1").split("\n");
  if (isTruncated) lines.pop();
  return lines
    .map((line) => form.exec(line))
    .filter((found) => found !== null)
    .map(([, number, uid]) => ({ number: Number(number), uid }))
    .filter(({ number }) => number > 0)
    .slice(0, limit);
}

function connect({ host, port, encryption, timeoutMs, tls }: MailboxAddress): Promise<Socket> {
  const socket =
    encryption === "pop3s"
      ? connectSecurely({ host, port, servername: serverName(host), ...tls })
      : connectPlainly({ host, port });
  return untilReady(socket, encryption === "pop3s" ? "secureConnect" : "connect", timeoutMs);
}

async function upgrade(
  socket: Socket,
  reader: SocketReader,
  { host, timeoutMs, tls }: MailboxAddress,
): Promise<Socket> {
  try {
    await sendCommand(socket, reader, "STLS");
  } catch (error) {
    if (error instanceof Pop3Error && error.failure === "refused") {
      throw new Pop3Error(
        "no_encryption",
        `the server refuses STLS (${error.message}); nothing was sent without encryption`,
      );
    }
    throw error;
  }
  // Answers sent before the encryption would be taken for answers given under it (CVE-2011-0411 and its kin).
  if (reader.hasUnread()) throw new Pop3Error("violation", "the server sent more before the encryption began");
  socket.removeAllListeners();
  return untilReady(connectSecurely({ socket, servername: serverName(host), ...tls }), "secureConnect", timeoutMs);
}

function untilReady(socket: Socket, event: "connect" | "secureConnect", timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Pop3Error("timeout", `no connection within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error instanceof Pop3Error ? error : new Pop3Error("connection", error.message, { cause: error }));
    };
    const closed = (): void => fail(new Pop3Error("connection", "the server closed the connection"));
    socket.once("error", fail);
    socket.once("close", closed);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off("error", fail);
      socket.off("close", closed);
      resolve(socket);
    });
  });
}

async function sendCommand(socket: Socket, reader: SocketReader, command: string): Promise<string> {
  socket.write(`${command}\r\n`);
  return readReply(reader, command.split(" ", 1)[0] ?? "");
}

/** The words after +OK. Errors name the command without its argument, which may be a password. */
async function readReply(reader: SocketReader, command: string): Promise<string> {
  const line = await reader.line(longestReply);
  if (/^\+OK\b/i.test(line)) return line.slice(3).trim();
  if (/^-ERR\b/i.test(line)) throw new Pop3Error("refused", `${command}: ${line.slice(4).trim().slice(0, 200)}`);
  throw new Pop3Error("violation", `${command}: neither +OK nor -ERR but ${JSON.stringify(line.slice(0, 80))}`);
}

/** An IP address is no server name (RFC 6066). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}

function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Pop3Error("violation", "a login or password holds a line break");
  return text;
}

/**
 * The limit: a client that composes each message in one buffer, signs it in libuv's pool, and writes content and next group together. No
 * database, no journal, no replies looked at but their number.
 */

import { createHash, createHmac, createSecretKey, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { renderByHand, sender, subject } from "./newsletter.ts";

const holeStart = "\u0001";

export type Composer = (recipient: number) => Promise<Buffer>;

/** Sends so many messages over 20 connections. */
export async function sendBare(given: {
  port: number;
  messages: number;
  privateKey: KeyObject | undefined;
}): Promise<void> {
  const compose = makeComposer(given.privateKey);
  let next = 0;
  const takeNext = (): number | undefined => (next < given.messages ? (next += 1) : undefined);
  await Promise.all(Array.from({ length: 20 }, () => carry(given.port, takeNext, compose)));
}

async function carry(port: number, takeNext: () => number | undefined, compose: Composer): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const hear = countReplies(socket);
  await hear(1);
  socket.write("EHLO bench.example\r\n");
  await hear(1);
  let recipient = takeNext();
  let isFirst = true;
  let composing = recipient === undefined ? undefined : compose(recipient);
  while (recipient !== undefined && composing !== undefined) {
    if (isFirst) socket.write(envelope(recipient));
    await hear(3);
    isFirst = false;
    const content = await composing;
    const following = takeNext();
    if (following === undefined) {
      socket.write(content);
      await hear(1);
      break;
    }
    composing = compose(following);
    socket.cork();
    socket.write(content);
    socket.write(envelope(following));
    socket.uncork();
    await hear(1);
    recipient = following;
  }
  socket.end("QUIT\r\n");
  await once(socket, "close");
}

/** MAIL, RCPT and DATA of a recipient. */
export function envelope(recipient: number): string {
  return `MAIL FROM:<b-${recipient}@sender.example>\r\nRCPT TO:<r${recipient}@d${recipient % 200}.test>\r\nDATA\r\n`;
}

/** Counts last lines of replies; the function answered waits for so many more. */
export function countReplies(socket: Socket): (replies: number) => Promise<void> {
  let heard = 0;
  let wanted = 0;
  let wake = (): void => undefined;
  let partial = "";
  socket.on("data", (bytes: Buffer) => {
    const lines = (partial + bytes.toString("latin1")).split("\r\n");
    partial = lines.pop() ?? "";
    heard += lines.filter((line) => line[3] !== "-").length;
    if (heard >= wanted) wake();
  });
  return async (replies) => {
    wanted += replies;
    if (heard >= wanted) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
}

/** One buffer for each message: constant pieces are copied, the values and links stand between them. */
export function makeComposer(privateKey: KeyObject | undefined): Composer {
  const linkKey = createSecretKey(Buffer.alloc(32, 7));
  // The places that change are found by comparing what two recipients get, once.
  const pieces = findConstants(renderByHand(1_111_111, linkKey), renderByHand(2_222_222, linkKey));
  const constants = pieces.map((piece) => Buffer.from(piece, "latin1"));
  const room = 2_048;
  return async (recipient) => {
    const values = valuesOf(recipient, linkKey);
    const target = Buffer.allocUnsafe(room + 40_000);
    let at = room;
    for (const [index, constant] of constants.entries()) {
      at += constant.copy(target, at);
      const value = values[index];
      if (value !== undefined) at += target.write(value, at, "latin1");
    }
    const bodyEnd = at;
    at += target.write(".\r\n", at, "latin1");
    const head =
      `From: ${sender}\r\nTo: r${recipient}@d${recipient % 200}.test\r\nSubject: ${subject}\r\n` +
      `Date: ${new Date().toUTCString()}\r\nMessage-ID: <${recipient}@sender.example>\r\n`;
    const signature = privateKey === undefined ? "" : await signHead(head, target.subarray(room, bodyEnd), privateKey);
    const start = Buffer.from(`${signature}${head}\r\n`, "latin1");
    start.copy(target, room - start.length);
    return target.subarray(room - start.length, at);
  };
}

/** The rendered mail cut where fields and links stand. */
function findConstants(one: string, other: string): string[] {
  const mark = /(firstName|lastName|city) \d+|https:\/\/t\.sender[^"]*/g;
  const pieces = one.replace(mark, holeStart).split(holeStart);
  if (other.replace(mark, holeStart).split(holeStart).join() !== pieces.join()) throw new Error("the constants differ");
  return pieces;
}

/** In the order in which they stand: rendering tells it once. */
let order: readonly string[] | undefined;

function valuesOf(recipient: number, linkKey: KeyObject): string[] {
  order ??= [...renderByHand(1, linkKey).matchAll(/(firstName|lastName|city) 1|id=h1,1389,([0-9a-f]+)/g)].map(
    ([, field, url]) => field ?? url ?? "",
  );
  return order.map((name) => {
    if (/^[a-z]+[A-Z]?[a-z]*$/.test(name) && name.length > 3) return `${name} ${recipient}`;
    const id = `h${recipient.toString(16)},1389,${name}`;
    return `https://t.sender.example/r/?id=${id}&amp;s=${signId(id, linkKey)}`;
  });
}

function signId(id: string, linkKey: KeyObject): string {
  return createHmac("sha256", linkKey).update(id).digest("base64url");
}

function signHead(head: string, body: Buffer, privateKey: KeyObject): Promise<string> {
  const bodyHash = createHash("sha256").update(body).digest("base64");
  const unsigned = `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.example; s=bench; h=from:to:subject:date:message-id; bh=${bodyHash}; b=`;
  const relaxed = head.replace(/^[^:]+/gm, (name) => name.toLowerCase()).replaceAll(": ", ":");
  return new Promise((resolve, reject) => {
    sign(
      "sha256",
      Buffer.from(relaxed + unsigned.replace(/^[^:]+: /, "dkim-signature:")),
      privateKey,
      (error, signature) => {
        if (error === null) resolve(`${unsigned}${signature.toString("base64")}\r\n`);
        else reject(error);
      },
    );
  });
}

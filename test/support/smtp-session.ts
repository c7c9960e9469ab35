/** Sessions of our SMTP client with the peer of a test, in plain text. */

import assert from "node:assert/strict";

import { openSession, type SessionOptions, type Timeouts } from "#protocols/smtp/open-session.ts";
import type { Session } from "#protocols/smtp/session.ts";

import type { Ending } from "./endings.ts";

/** Short for replies, long for what a busy machine may need to connect. */
export const timeouts: Timeouts = {
  connectMs: 2_000,
  greetingMs: 2_000,
  commandMs: 500,
  contentMs: 1_000,
  slowestBytesPerSec: 500,
  finalReplyMs: 500,
};

type Peer = { readonly address: string; readonly port: number };
type Given = Partial<SessionOptions> & Pick<SessionOptions, "timeouts">;

/** How a session with a peer is opened, with whatever is given in place of it. */
export function sessionWith({ address, port }: Peer, given: Given): SessionOptions {
  return {
    address,
    port,
    serverName: "mx.example.test",
    heloName: "sender.example.test",
    tls: "disabled",
    ...given,
  };
}

/** A session that is open, and cut at the end. */
export async function aSession(t: Ending, peer: Peer, given: Given): Promise<Session> {
  const outcome = await openSession(sessionWith(peer, given));
  assert.ok(outcome.kind === "open");
  t.after(() => outcome.session.cut());
  return outcome.session;
}

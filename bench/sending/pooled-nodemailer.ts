/** The peer: nodemailer with a pool of kept connections, each message rendered by hand. */

import { createSecretKey } from "node:crypto";

import { createTransport } from "nodemailer";

import { renderByHand, sender, subject } from "./newsletter.ts";

/** Sends so many messages over a pool of 20 connections. */
export async function sendByNodemailer(given: {
  port: number;
  messages: number;
  pem: string | undefined;
}): Promise<void> {
  const linkKey = createSecretKey(Buffer.alloc(32, 7));
  const transport = createTransport({
    host: "127.0.0.1",
    port: given.port,
    pool: true,
    maxConnections: 20,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
    ...(given.pem === undefined
      ? {}
      : { dkim: { domainName: "sender.example", keySelector: "bench", privateKey: given.pem } }),
  });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < given.messages) {
      next += 1;
      const recipient = next;
      await transport.sendMail({
        from: sender,
        to: `r${recipient}@d${recipient % 200}.test`,
        envelope: { from: `b-${recipient}@sender.example`, to: `r${recipient}@d${recipient % 200}.test` },
        subject,
        html: renderByHand(recipient, linkKey),
      });
    }
  };
  await Promise.all(Array.from({ length: 40 }, () => work()));
  transport.close();
}

/** An SMTP listener that hands over whole mails and answers what its owner decides, in bounded memory. */

import type { AddressInfo } from "node:net";

import { SMTPServer, type SMTPServerDataStream, type SMTPServerError, type SMTPServerSession } from "smtp-server";

export type SmtpAnswer = {
  /** Three digits. */
  readonly code: number;
  /** Enhanced status and words, such as `5.1.1 User unknown`. */
  readonly text: string;
};

export type IncomingMail = {
  /** MAIL FROM; empty for a notice. */
  readonly from: string;
  readonly recipients: readonly string[];
  /** Header and body, lines ending in CR LF, dots unstuffed. */
  readonly content: Buffer;
};

export type MailListenerOptions = {
  readonly address: string;
  /** 0 = any free port. */
  readonly port: number;
  /** What the server calls itself in its greeting. */
  readonly name: string;
  readonly maxConnections: number;
  readonly maxMessageBytes: number;
  readonly maxRecipients: number;
  /** A connection that is silent for longer is closed, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Decides about one recipient; undefined accepts it. */
  readonly onRecipient: (address: string) => SmtpAnswer | undefined;
  /** Decides about a whole mail; what it answers is sent after the final dot. When it throws, the answer is 451. */
  readonly onMail: (mail: IncomingMail) => Promise<SmtpAnswer>;
  /** Told about errors of connections and of the handlers; none of them ends the listener. */
  readonly onError: (error: unknown) => void;
};

export type MailListener = {
  readonly port: number;
  /**
   * Takes no more mail, lets mails that have come whole be answered, for 10 s at most, then closes every connection; safe to call twice.
   * A client that is still at its mail is cut: the answer would be to come again in any case.
   */
  stop(): Promise<void>;
};

const decisionMs = 10_000;
const tryLater: SmtpAnswer = { code: 451, text: "4.3.0 Cannot take mail now, try again later" };
const closing: SmtpAnswer = { code: 421, text: "4.3.2 Closing, try again later" };

/**
 * Listens for mail.
 * @throws the system's error when the address cannot be listened on
 */
export async function listenForMail(options: MailListenerOptions): Promise<MailListener> {
  /** Mails that have come whole, until they are decided about. */
  const deciding = new Set<Promise<SmtpAnswer>>();
  let isStopping = false;

  const decide = (mail: IncomingMail): Promise<SmtpAnswer> => {
    const decision = options.onMail(mail).finally(() => deciding.delete(decision));
    deciding.add(decision);
    return decision;
  };

  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<SmtpAnswer> => {
    const content = await readContent(stream, options.maxMessageBytes);
    if (content === undefined)
      return { code: 552, text: `5.3.4 Message is larger than ${options.maxMessageBytes} bytes` };
    if (isStopping) return closing;
    const { mailFrom, rcptTo } = session.envelope;
    return decide({
      from: mailFrom === false ? "" : mailFrom.address,
      recipients: rcptTo.map(({ address }) => address),
      content,
    });
  };

  const server = new SMTPServer({
    name: options.name,
    banner: "Postrider",
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: options.maxMessageBytes,
    maxClients: options.maxConnections,
    maxRecipients: options.maxRecipients,
    socketTimeout: options.idleTimeoutMs,
    closeTimeout: 250,
    onMailFrom: (_address, _session, done) => done(isStopping ? refusal(closing) : undefined),
    onRcptTo: ({ address }, _session, done) => {
      const answer = options.onRecipient(address);
      done(answer === undefined ? undefined : refusal(answer));
    },
    onData: (stream, session, done) => {
      void receive(stream, session)
        .catch((error: unknown) => {
          options.onError(error);
          stream.resume();
          return tryLater;
        })
        .then((answer) => (answer.code < 300 ? done(null, answer.text) : done(refusal(answer))));
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.address, port: options.port }, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", (error) => options.onError(error));

  const stop = async (): Promise<void> => {
    isStopping = true;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, decisionMs)));
    await Promise.race([Promise.allSettled(deciding), tooLate]);
    clearTimeout(timer);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  let stopped: Promise<void> | undefined;
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** The whole mail, or undefined when it is larger than allowed; what is too much is read and thrown away. */
async function readContent(stream: SMTPServerDataStream, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks, size);
}

function refusal({ code, text }: SmtpAnswer): SMTPServerError {
  return Object.assign(new Error(text), { responseCode: code });
}

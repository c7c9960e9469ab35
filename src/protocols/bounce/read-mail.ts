/** A mail as the readers of notices see it: header fields, readable text, and the other parts as bytes. */

import PostalMime, { type Email } from "postal-mime";

import { boundMail, deepestPart } from "./bound-mail.ts";

export type MailPart = {
  /** Media type in lower case. */
  readonly type: string;
  readonly content: Buffer;
};

export type Mail = {
  /** Values of a header field, in order; the name in lower case. */
  readonly header: (name: string) => readonly string[];
  readonly subject: string;
  /** The readable text of all text parts, HTML turned into text; at most `longestText` characters. */
  readonly text: string;
  readonly parts: readonly MailPart[];
};

/** What a person would read of a notice; what is beyond is the mail that it returns. */
export const longestText = 256 * 1024;

/** Reads any bytes as a mail; what cannot be read as MIME is read as header and plain text. Never throws. */
export async function readMail(raw: Buffer): Promise<Mail> {
  const bounded = boundMail(raw);
  try {
    const email = await PostalMime.parse(bounded, {
      forceRfc822Attachments: true,
      maxNestingDepth: deepestPart,
      attachmentEncoding: "arraybuffer",
    });
    const mail = fromEmail(email);
    // A multipart whose boundary never comes is plain text to any reader.
    return mail.text.trim() === "" && mail.parts.length === 0 ? { ...mail, text: readPlainly(bounded).text } : mail;
  } catch {
    // Too deep, or broken in a way the library refuses: the plain reading may still say whose mail it is.
    return readPlainly(bounded);
  }
}

/** Reads header fields such as those of a delivery status, a feedback report or a returned header; folded lines are joined. */
export function readFields(block: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of block.split(/\r?\n/, 2_000)) {
    if (/^[ \t]/.test(line)) {
      const last = current?.pop();
      if (last !== undefined) current?.push(`${last} ${line.trim()}`.slice(0, 8_192));
      continue;
    }
    const colon = line.indexOf(":");
    if (colon <= 0 || colon > 76) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    current = fields.get(name) ?? [];
    current.push(line.slice(colon + 1, 8_192).trim());
    fields.set(name, current);
  }
  return fields;
}

function fromEmail(email: Email): Mail {
  const headers = new Map<string, string[]>();
  for (const { key, value } of email.headers) {
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [value]);
    else values.push(value);
  }
  return {
    header: (name) => headers.get(name) ?? [],
    subject: email.subject ?? "",
    text: (email.text ?? "").slice(0, longestText),
    parts: email.attachments.map(({ mimeType, content }) => ({
      type: mimeType.toLowerCase(),
      content: toBuffer(content),
    })),
  };
}

function toBuffer(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === "string") return Buffer.from(content, "utf8");
  return content instanceof Uint8Array
    ? Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    : Buffer.from(content);
}

function readPlainly(bounded: Buffer): Mail {
  const text = bounded.toString("utf8", 0, longestText);
  const blank = text.indexOf("\n\n");
  const fields = readFields(blank < 0 ? text : text.slice(0, blank));
  return {
    header: (name) => fields.get(name) ?? [],
    subject: fields.get("subject")?.[0] ?? "",
    text: blank < 0 ? "" : text.slice(blank + 2),
    parts: [],
  };
}

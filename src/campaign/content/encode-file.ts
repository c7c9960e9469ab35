/** Encodes a file as a part of a message: once for a delivery, whatever the number of its recipients. */

import { encodeBase64Lines } from "#protocols/mime/base64-lines.ts";
import { formatParameter } from "#protocols/mime/encode-parameter.ts";

export type MessageFile = {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
};

/** A file that hangs on the message. */
export function encodeAttachment(file: MessageFile): Buffer {
  return encodePart(file, `Content-Disposition: attachment${formatParameter("filename", fileNameOf(file))}\r\n`);
}

/**
 * An image that the HTML shows.
 * @param contentId what the HTML calls it behind `cid:`
 * @source RFC 2392
 */
export function encodeInlineImage(file: MessageFile, contentId: string): Buffer {
  return encodePart(
    file,
    `Content-ID: <${contentId}>\r\nContent-Disposition: inline${formatParameter("filename", fileNameOf(file))}\r\n`,
  );
}

function encodePart(file: MessageFile, fields: string): Buffer {
  const head = `Content-Type: ${contentTypeOf(file)}\r\nContent-Transfer-Encoding: base64\r\n${fields}\r\n`;
  return Buffer.concat([Buffer.from(head), encodeBase64Lines(file.content)]);
}

/** Parts of types that consist of mails may not be in base64 (RFC 2046 section 5.2.1): they go as plain bytes. */
function contentTypeOf({ contentType }: MessageFile): string {
  return /^[a-z0-9][\w.+-]{0,60}\/[a-z0-9][\w.+-]{0,80}$/i.test(contentType) &&
    !/^(message|multipart)\//i.test(contentType)
    ? contentType.toLowerCase()
    : "application/octet-stream";
}

/** A name that every system can store a file under, and that no program takes for an encoded word. */
function fileNameOf({ name }: MessageFile): string {
  const clean = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufdd0-\ufdef]/gu, " ")
    .replace(/[\\/:*?"<>|]/g, "_")
    .replace(/\s+/gu, " ")
    .trim();
  return clean.replace(/^\.+/, "") === "" ? "file" : clean.slice(0, 200).toWellFormed();
}

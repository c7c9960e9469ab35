/** Opens one message of the built-in mailbox: header, bodies, links and source. */

import PostalMime, { type Attachment, type Email } from "postal-mime";

import type { Statements } from "#foundation/database.ts";

import type { InboxMessageSummary } from "./inbox-message.ts";
import { selectMessage } from "./inbox-store.ts";

export type InboxMessage = InboxMessageSummary & {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The sender's HTML with its inline images as data, else as it is: show it only where its scripts and forms cannot act. */
  readonly html?: string;
  readonly text?: string;
  /** Targets of links, in order, each once. */
  readonly links: readonly string[];
  /** Attached files and inline images. */
  readonly files: readonly { readonly name: string; readonly type: string; readonly size: number }[];
  readonly source: Buffer;
};

const mostLinks = 500;
const mostFiles = 100;
/** Larger images are left out of the page. */
const mostImageBytes = 2_000_000;

/** The message of an id, or undefined when there is none; what cannot be parsed is shown by its source only. */
export async function readInboxMessage(db: Statements, id: number): Promise<InboxMessage | undefined> {
  const found = await selectMessage(db, id);
  if (found === undefined) return undefined;
  const email = await PostalMime.parse(found.source, { forceRfc822Attachments: true, maxNestingDepth: 50 }).catch(
    () => undefined,
  );
  if (email === undefined) return { ...found, headers: [], links: [], files: [] };
  return {
    ...found,
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    ...(email.html === undefined ? {} : { html: withImages(email.html, email.attachments) }),
    ...(email.text === undefined ? {} : { text: email.text }),
    links: linksOf(email),
    files: email.attachments.slice(0, mostFiles).map((file) => ({
      name: file.filename ?? "",
      type: file.mimeType,
      size: bytesOf(file).length,
    })),
  };
}

/** Puts inline images where the HTML names them, so that it can be shown without its mail. */
function withImages(html: string, files: readonly Attachment[]): string {
  const images = files.filter(({ mimeType }) => /^image\/(png|jpeg|gif|webp)$/.test(mimeType));
  if (images.length === 0) return html;
  return html.replace(
    /((?:src|background)\s*=\s*["']?)cid:([^"'\s>]{1,300})/gi,
    (whole, before: string, id: string) => {
      const image = images.find(({ contentId }) => contentId === `<${id}>`);
      const bytes = image && bytesOf(image);
      return image === undefined || bytes === undefined || bytes.length > mostImageBytes
        ? whole
        : `${before}data:${image.mimeType};base64,${bytes.toString("base64")}`;
    },
  );
}

function bytesOf({ content }: Attachment): Buffer {
  return typeof content === "string"
    ? Buffer.from(content)
    : Buffer.from(content instanceof Uint8Array ? content : new Uint8Array(content));
}

function linksOf({ html, text }: Email): string[] {
  const inHtml = [...(html ?? "").matchAll(/href\s*=\s*(?:"([^"]{1,4096})"|'([^']{1,4096})')/gi)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
  const inText = [...(text ?? "").matchAll(/https?:\/\/[^\s<>"')\]]{1,4096}/gi)].map((match) => match[0]);
  const targets = inHtml
    .map((link) => link.trim().replaceAll("&amp;", "&"))
    .filter((link) => /^(?:https?|mailto):/i.test(link));
  return [...new Set(targets.length > 0 ? targets : inText)].slice(0, mostLinks);
}

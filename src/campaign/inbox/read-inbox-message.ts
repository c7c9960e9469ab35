/** Opens one message of the built-in mailbox: header, bodies, links and source. */

import PostalMime, { type Email } from "postal-mime";

import type { Statements } from "#foundation/database.ts";

import type { InboxMessageSummary } from "./inbox-message.ts";
import { selectMessage } from "./inbox-store.ts";

export type InboxMessage = InboxMessageSummary & {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The sender's HTML, as it is: show it only where its scripts and forms cannot act. */
  readonly html?: string;
  readonly text?: string;
  /** Targets of links, in order, each once. */
  readonly links: readonly string[];
  readonly source: Buffer;
};

const mostLinks = 500;

/** The message of an id, or undefined when there is none; what cannot be parsed is shown by its source only. */
export async function readInboxMessage(db: Statements, id: number): Promise<InboxMessage | undefined> {
  const found = await selectMessage(db, id);
  if (found === undefined) return undefined;
  const email = await PostalMime.parse(found.source, { forceRfc822Attachments: true, maxNestingDepth: 50 }).catch(
    () => undefined,
  );
  if (email === undefined) return { ...found, headers: [], links: [] };
  return {
    ...found,
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    ...(email.html === undefined ? {} : { html: email.html }),
    ...(email.text === undefined ? {} : { text: email.text }),
    links: linksOf(email),
  };
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

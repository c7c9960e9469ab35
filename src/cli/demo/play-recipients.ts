/** Plays the people who got the mail: opens it, follows links, unsubscribes, all through the public address in the mail itself. */

import PostalMime from "postal-mime";

export type Played = {
  readonly openers: number;
  readonly clicks: number;
  readonly clickers: number;
  readonly optOuts: number;
  /** Requests that were not answered as they should be. */
  readonly failures: number;
};

export type KeptMessage = { readonly source: Buffer };

const conversationsAtOnce = 12;

/**
 * Reads each message as its recipient would: of ten messages four are opened, two of them clicked (every fifth clicker
 * follows two links); of a hundred, two unsubscribe with one click (RFC 8058).
 * @param report called with the number of messages read so far
 */
export async function playRecipients(
  messages: readonly KeptMessage[],
  report: (done: number) => void,
): Promise<Played> {
  const played = { openers: 0, clicks: 0, clickers: 0, optOuts: 0, failures: 0 };
  let next = 0;
  const converse = async (): Promise<void> => {
    while (next < messages.length) {
      const index = next;
      next += 1;
      const message = messages[index];
      if (message !== undefined) await playOne(message, index, played);
      report(index + 1);
    }
  };
  await Promise.all(Array.from({ length: conversationsAtOnce }, converse));
  return played;
}

async function playOne(
  message: KeptMessage,
  index: number,
  played: { -readonly [K in keyof Played]: number },
): Promise<void> {
  const opens = index % 10 < 4;
  const unsubscribes = index % 50 === 9;
  if (!opens && !unsubscribes) return;
  const mail = await PostalMime.parse(message.source);

  if (opens) {
    const pixel = findPixel(mail.html ?? "");
    if (pixel === undefined || !(await answers(pixel, 200))) played.failures += 1;
    else played.openers += 1;
  }
  if (index % 10 < 2) {
    const links = findLinks(mail.html ?? "").slice(0, index % 10 === 0 && index % 50 === 0 ? 2 : 1);
    for (const link of links) {
      if (await answers(link, 302)) played.clicks += 1;
      else played.failures += 1;
    }
    if (links.length > 0) played.clickers += 1;
  }
  if (unsubscribes) {
    const header = mail.headers.find(({ key }) => key === "list-unsubscribe")?.value ?? "";
    const address = /<(https?:[^>]+)>/.exec(header)?.[1];
    if (address !== undefined && (await postsOneClick(address))) played.optOuts += 1;
    else played.failures += 1;
  }
}

function findPixel(html: string): string | undefined {
  return /<img[^>]+src="([^"]*\/r\/\?[^"]+)"/i.exec(html)?.[1]?.replaceAll("&amp;", "&");
}

function findLinks(html: string): string[] {
  return [...html.matchAll(/<a[^>]+href="([^"]*\/r\/\?[^"]+)"/gi)].map((match) =>
    (match[1] ?? "").replaceAll("&amp;", "&"),
  );
}

async function answers(url: string, status: number): Promise<boolean> {
  const response = await fetch(url, {
    redirect: "manual",
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
  });
  await response.arrayBuffer();
  return response.status === status;
}

async function postsOneClick(url: string): Promise<boolean> {
  const response = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  await response.arrayBuffer();
  return response.status === 200;
}

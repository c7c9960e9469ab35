/** The message of the bench: about 30 KB of HTML, three fields, five tracked links. */

import { createHmac, type KeyObject } from "node:crypto";

export const subject = "News for you";
export const sender = "news@sender.example";

const filler =
  '<p style="margin:0;font:14px/1.4 Arial,sans-serif">A paragraph of the newsletter, with enough words in it to be one.</p>\r\n';
const fields = ["firstName", "lastName", "city"] as const;
const links = [1, 2, 3, 4, 5].map((n) => `https://shop.example/offer/${n}`);
const paragraphs = 220;

/** The template of the delivery. */
export const htmlSource = makeHtml(
  (field) => `<%= recipient.${field === "city" ? "location.city" : field} %>`,
  (link) => link,
);

/** The same for a client without campaign: each value and each link put in by hand. */
export function renderByHand(recipient: number, linkKey: KeyObject): string {
  return makeHtml(
    (field) => `${field} ${recipient}`,
    (_, index) => {
      const id = `h${recipient.toString(16)},1389,${(1_001 + index).toString(16)}`;
      const signature = createHmac("sha256", linkKey).update(id).digest("base64url");
      return `https://t.sender.example/r/?id=${id}&amp;s=${signature}`;
    },
  );
}

function makeHtml(
  field: (name: (typeof fields)[number]) => string,
  link: (url: string, index: number) => string,
): string {
  const pieces = ["<html><body>\r\n"];
  for (let n = 0; n < paragraphs; n += 1) {
    pieces.push(filler);
    const name = n % 70 === 10 ? fields[Math.floor(n / 70)] : undefined;
    if (name !== undefined) pieces.push(`<p>Dear ${field(name)}</p>\r\n`);
    const index = n % 44 === 20 ? Math.floor(n / 44) : -1;
    const url = links[index];
    if (url !== undefined) pieces.push(`<p><a href="${link(url, index)}">See offer ${index}</a></p>\r\n`);
  }
  pieces.push("</body></html>\r\n");
  return pieces.join("");
}

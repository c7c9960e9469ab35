/** What lists are reconciled on: two addresses of one mailbox have one key. */

import type { EmailAddress } from "./email-address.ts";

/** Gmail delivers both domains to one mailbox and ignores dots before the @; no other provider is known to do so for all accounts. */
const gmail = "@gmail.com";
const gmailDomains = [gmail, "@googlemail.com"];

/**
 * The key of an address: in lower case; for gmail.com and googlemail.com without dots before the @, and with one domain.
 * What follows a `+` stays, since people use it to tell lists apart.
 */
export function emailKey(address: EmailAddress): string {
  const lower = address.toLowerCase();
  const domain = gmailDomains.find((known) => lower.endsWith(known));
  return domain === undefined ? lower : lower.slice(0, -domain.length).replaceAll(".", "") + gmail;
}

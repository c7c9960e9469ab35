/** Makes keys that a domain will sign with. */

import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";

import type { Statements } from "#foundation/database.ts";
import type { Secrets } from "#foundation/secrets.ts";
import { isMailAddress, toWireAddress } from "#protocols/mime/mail-address.ts";

import { dkimDomainInvalid, dkimSelectorTaken } from "../errors.ts";
import { insertDkimKey, type KeyAlgorithm, listDkimKeys, type StoredKey } from "./dkim-key-store.ts";
import { publishedForm } from "./published-form.ts";

const makePair = promisify(generateKeyPair);

export type NewKey = {
  readonly domain: string;
  /** Left out: made of the month and the algorithm. */
  readonly selector?: string | undefined;
  readonly algorithm: KeyAlgorithm;
};

/**
 * Makes a key and stores it, the private half encrypted. It signs nothing before it is rotated to.
 * @throws dkimDomainInvalid, dkimSelectorTaken
 */
export async function createDkimKey(
  { db, secrets, now }: { readonly db: Statements; readonly secrets: Pick<Secrets, "encrypt">; readonly now: Date },
  { domain: given, selector, algorithm }: NewKey,
): Promise<StoredKey> {
  const domain = parseDomain(given);
  const name =
    selector ?? (await freeSelector(db, domain, `${now.toISOString().slice(0, 7).replace("-", "")}-${algorithm}`));
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name))
    throw dkimDomainInvalid({ problem: `the selector ${name} is no label of a name` });
  const { privateKey, publicKey } =
    algorithm === "rsa" ? await makePair("rsa", { modulusLength: 2048 }) : await makePair("ed25519");
  const stored = await insertDkimKey(db, {
    domain,
    selector: name,
    algorithm,
    privateKey: secrets.encrypt(privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
    publicKey: publishedForm(publicKey),
  });
  const key = (await listDkimKeys(db, domain)).find((row) => row.selector === name);
  if (!stored || key === undefined) throw dkimSelectorTaken({ domain, selector: name });
  return key;
}

/**
 * A domain in lower case and ASCII.
 * @throws dkimDomainInvalid
 */
export function parseDomain(text: string): string {
  const address = toWireAddress(`x@${text.trim().toLowerCase()}`);
  if (!isMailAddress(address)) throw dkimDomainInvalid({ problem: `${text} is no domain` });
  return address.slice(2);
}

async function freeSelector(db: Statements, domain: string, wish: string): Promise<string> {
  const taken = new Set((await listDkimKeys(db, domain)).map(({ selector }) => selector));
  let selector = wish;
  for (let n = 2; taken.has(selector); n += 1) selector = `${wish}-${n}`;
  return selector;
}

/** The DNS record that publishes a key. */

import type { StoredKey } from "./dkim-key-store.ts";

type Published = Pick<StoredKey, "domain" | "selector" | "algorithm" | "publicKey">;

/** Where the record stands. */
export function recordName({ selector, domain }: Pick<Published, "selector" | "domain">): string {
  return `${selector}._domainkey.${domain}`;
}

/**
 * What the record says.
 * @source RFC 6376 section 3.6.1, RFC 8463 section 4
 */
export function recordText({ algorithm, publicKey }: Pick<Published, "algorithm" | "publicKey">): string {
  return `v=DKIM1; k=${algorithm}; p=${publicKey}`;
}

/** A line for a zone file: strings of a TXT record have 255 characters at most. */
export function recordLine(key: Published): string {
  const strings = recordText(key).match(/.{1,250}/g) ?? [];
  return `${recordName(key)}. IN TXT ${strings.map((text) => `"${text}"`).join(" ")}`;
}

/**
 * Compares what the DNS answered with a key.
 * @param answers the records at its name, each joined from its strings
 * @returns undefined when receivers will find the key, else what is wrong
 */
export function findRecordProblem(key: Published, answers: readonly string[]): string | undefined {
  const records = answers.filter((text) => /(^|;)\s*p\s*=/.test(text));
  if (records.length === 0) return "there is no record yet";
  if (records.length > 1) return "there is more than one record";
  const tags = new Map(
    (records[0] ?? "").split(";").map((tag) => {
      const [name = "", ...value] = tag.split("=");
      return [name.trim().toLowerCase(), value.join("=").replace(/\s/g, "")];
    }),
  );
  if ((tags.get("k") ?? "rsa") !== key.algorithm) return `its k= says ${tags.get("k") ?? "rsa"}, not ${key.algorithm}`;
  if (tags.get("p") === "") return "its p= is empty: that revokes the key";
  if (tags.get("p") !== key.publicKey) return "its p= is another key";
  if (tags.has("v") && tags.get("v") !== "DKIM1") return "its v= is not DKIM1";
  return (tags.get("t") ?? "").split(":").includes("y") ? "its t=y says that it is a test" : undefined;
}

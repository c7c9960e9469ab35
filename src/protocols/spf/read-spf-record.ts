/** Reads the text of an SPF record. RFC 7208 section 12. */

import { isIPv4, isIPv6 } from "node:net";

export type Mechanism = {
  readonly qualifier: "+" | "-" | "~" | "?";
  readonly kind: "all" | "include" | "a" | "mx" | "ptr" | "ip4" | "ip6" | "exists";
  /** Domain or network without its prefix; empty = the domain itself. */
  readonly value: string;
  readonly prefix4?: number;
  readonly prefix6?: number;
};

export type SpfReading =
  | { readonly mechanisms: readonly Mechanism[]; readonly redirect: string | undefined }
  | { readonly problem: string };

const form =
  /^([+\-~?])?(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/]*|[0-9a-f:.]+))?(?:\/(\d{1,3}))?(?:\/\/(\d{1,3}))?$/i;

/** @param record begins with `v=spf1` */
export function readSpfRecord(record: string): SpfReading {
  const terms = record.trim().split(/ +/).slice(1);
  const mechanisms: Mechanism[] = [];
  let redirect: string | undefined;
  for (const term of terms) {
    const modifier = /^([a-z][\w.-]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      if (modifier[1]?.toLowerCase() === "redirect") redirect = modifier[2] ?? "";
      continue;
    }
    const mechanism = readMechanism(term);
    if (mechanism === undefined) return { problem: `it says ${term.slice(0, 80)}, which is no mechanism` };
    mechanisms.push(mechanism);
  }
  // Behind "all" nothing counts, a redirect neither.
  return { mechanisms, redirect: mechanisms.some(({ kind }) => kind === "all") ? undefined : redirect };
}

function readMechanism(term: string): Mechanism | undefined {
  const [, qualifier = "+", kind = "", value = "", prefix, doubled] = form.exec(term) ?? [];
  const name = kind.toLowerCase() as Mechanism["kind"] | "";
  if (name === "") return undefined;
  if (name === "ip4" && !isIPv4(value)) return undefined;
  if (name === "ip6" && !isIPv6(value)) return undefined;
  if ((name === "include" || name === "exists") && value === "") return undefined;
  const [four, six] = name === "ip6" ? [undefined, prefix] : [prefix, doubled];
  if (Number(four ?? 0) > 32 || Number(six ?? 0) > 128) return undefined;
  return {
    qualifier: qualifier as Mechanism["qualifier"],
    kind: name,
    value: value.toLowerCase(),
    ...(four === undefined ? {} : { prefix4: Number(four) }),
    ...(six === undefined ? {} : { prefix6: Number(six) }),
  };
}

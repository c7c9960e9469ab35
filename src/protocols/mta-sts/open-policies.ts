/** The policies of domains: looked up, fetched, and kept for as long as they say, also over restarts. */

import { readStsRecord } from "./read-sts-record.ts";
import type { PolicyReading, StsPolicy } from "./sts-policy.ts";

/** A policy as it is kept. */
export type KeptPolicy = {
  /** Of the TXT record that it was fetched for. */
  readonly id: string;
  readonly policy: StsPolicy;
  readonly expires: Date;
};

export type PolicyStore = {
  read(domain: string): Promise<KeptPolicy | undefined>;
  write(domain: string, kept: KeptPolicy): Promise<void>;
};

/** The policy that holds for a domain now; undefined when there is none, or one of mode `none`. */
export type FindPolicy = (domain: string) => Promise<StsPolicy | undefined>;

export type PolicyOptions = {
  /** The texts of a name's TXT records; undefined when they are not known now. */
  readonly resolveText: (name: string) => Promise<readonly string[] | undefined>;
  readonly fetch: (domain: string) => Promise<PolicyReading>;
  readonly store: PolicyStore;
  readonly now: () => Date;
  readonly elapsedMs: () => number;
  /** Told of a policy that a domain announces and does not deliver. */
  readonly onFault?: (domain: string, text: string) => void;
};

/** A domain is looked at again after this time. */
const lookAgainMs = 600_000;
const mostRemembered = 50_000;
/** A policy is fetched anew before it ends: at the last day, or the last half of a short one. */
const renewalMs = 86_400_000;

type Known = { readonly untilMs: number; readonly found: Promise<KeptPolicy | undefined> };

/**
 * Opens an empty memory on top of a store. A policy that is kept holds to its end, whatever DNS and the policy's host say meanwhile:
 * who can silence them could else take the protection away.
 * @source RFC 8461 sections 3.3 and 5.1
 */
export function openPolicies(options: PolicyOptions): FindPolicy {
  const known = new Map<string, Known>();
  const lookAgain = (domain: string, before: Known | undefined, nowMs: number): Known => {
    const entry = { untilMs: nowMs + lookAgainMs, found: lookUp(domain, before?.found, options) };
    known.delete(domain);
    known.set(domain, entry);
    const [oldest] = known.keys();
    if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest);
    // What was not learnt is asked again by the next message, not after ten minutes; what was known before holds.
    entry.found.catch(() => {
      if (known.get(domain) !== entry) return;
      if (before === undefined) known.delete(domain);
      else known.set(domain, before);
    });
    return entry;
  };
  return async (domain) => {
    const nowMs = options.elapsedMs();
    const found = known.get(domain);
    const entry = found !== undefined && found.untilMs > nowMs ? found : lookAgain(domain, found, nowMs);
    const kept = await entry.found;
    return kept === undefined || kept.policy.mode === "none" || kept.expires <= options.now() ? undefined : kept.policy;
  };
}

async function lookUp(
  domain: string,
  before: Promise<KeptPolicy | undefined> | undefined,
  options: PolicyOptions,
): Promise<KeptPolicy | undefined> {
  const nowMs = options.now().getTime();
  const kept = (await before) ?? (await options.store.read(domain));
  const valid = kept !== undefined && kept.expires.getTime() > nowMs ? kept : undefined;
  const texts = await options.resolveText(`_mta-sts.${domain}`);
  const id = texts === undefined ? undefined : readStsRecord(texts);
  if (id === undefined || (valid !== undefined && valid.id === id && !isNearItsEnd(valid, nowMs))) return valid;
  const reading = await options.fetch(domain);
  if (reading.kind === "fault") {
    options.onFault?.(domain, reading.text);
    return valid;
  }
  const { policy } = reading;
  const fetched = { id, policy, expires: new Date(nowMs + policy.maxAgeSec * 1_000) };
  await options.store.write(domain, fetched);
  return fetched;
}

function isNearItsEnd({ expires, policy }: KeptPolicy, nowMs: number): boolean {
  return expires.getTime() - nowMs < Math.min(renewalMs, policy.maxAgeSec * 500);
}

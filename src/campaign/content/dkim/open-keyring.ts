/** Keeps the keys that sign at hand, and reads them again before they are old: a new key needs no restart. */

import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { type DkimKey, readDkimKey } from "#protocols/dkim/dkim-key.ts";
import { toWireAddress } from "#protocols/mime/mail-address.ts";

import type { SigningKeys } from "../compiled-message.ts";
import { dkimReloadSettings } from "../dkim-settings.ts";
import { listDomainRules } from "../domain-rule-store.ts";
import { dkimKeyUnusable } from "../errors.ts";
import { type DomainRule, findDomainRule } from "../find-domain-rule.ts";
import { loadDkimKey } from "../load-dkim-key.ts";
import { chooseKeys, nextChange } from "./choose-keys.ts";
import { listDkimKeys, type StoredKey } from "./dkim-key-store.ts";

export type Keyring = {
  /**
   * The keys for mail of a sender: those of its domain or of one above it, else that of the settings. None where a rule of the domain
   * switches DKIM off.
   * @throws dkimKeyUnusable, invalidDkimSettings
   */
  keysFor(fromAddress: string): Promise<SigningKeys>;
};

type KeyringContext = Pick<Context, "db" | "settings" | "home" | "secrets" | "log" | "clock">;

type Contents = {
  readonly stored: readonly (StoredKey & { readonly key: DkimKey })[];
  readonly rules: readonly DomainRule[];
  readonly ofSettings: DkimKey | undefined;
};

/** Opens the keyring; it reads the keys when it is first asked. */
export function openKeyring(context: KeyringContext): Keyring {
  const { log, clock, settings } = context;
  const periodMs = settings.of(dkimReloadSettings).domainKeysReloadPeriodSec * 1_000;
  let contents: Contents | undefined;
  let reading: Promise<Contents> | undefined;
  let readMs = 0;

  const read = (): Promise<Contents> => {
    reading ??= readContents(context, contents).finally(() => {
      reading = undefined;
      readMs = clock.elapsedMs();
    });
    return reading;
  };
  const fresh = (): Contents | undefined => {
    if (reading !== undefined || clock.elapsedMs() - readMs < periodMs) return contents;
    // While they cannot be read, those that were read last sign.
    void read().then(
      (found) => (contents = found),
      (error: unknown) => log.warning("mta.dkim_keys_not_read", { reason: describeError(error) }),
    );
    return contents;
  };

  return {
    keysFor: async (fromAddress) => {
      contents ??= await read();
      return rememberChoice(fresh, toWireAddress(fromAddress).replace(/^.*@/, "").toLowerCase());
    },
  };
}

/** Looks again only when the keys were read anew, or when one that is planned takes over. */
function rememberChoice(fresh: () => Contents | undefined, domain: string): SigningKeys {
  let chosenFrom: Contents | undefined;
  let untilMs = 0;
  let chosen: readonly DkimKey[] = [];
  return (now) => {
    const contents = fresh();
    if (contents !== undefined && (contents !== chosenFrom || now.getTime() >= untilMs)) {
      chosenFrom = contents;
      untilMs = nextChange(contents.stored, now);
      chosen = choose(contents, domain, now);
    }
    return chosen;
  };
}

function choose({ stored, rules, ofSettings }: Contents, domain: string, now: Date): readonly DkimKey[] {
  if (findDomainRule(rules, domain)?.isDkim === false) return [];
  const own = chooseKeys(stored, domain, now).map(({ key }) => key);
  return own.length > 0 || ofSettings === undefined ? own : [ofSettings];
}

/** Keys are parsed once, however often they are read: that costs more than a signature. */
async function readContents(
  { db, settings, home, secrets }: KeyringContext,
  known: Contents | undefined,
): Promise<Contents> {
  const rows = (await listDkimKeys(db)).filter(({ state }) => state !== "retired");
  const stored = rows.map((row) => {
    const same = known?.stored.find(({ id, privateKey }) => id === row.id && privateKey === row.privateKey);
    return { ...row, key: same?.key ?? parse(row, secrets.decrypt(row.privateKey)) };
  });
  return { stored, rules: await listDomainRules(db), ofSettings: loadDkimKey(settings, home) };
}

/** @throws dkimKeyUnusable */
function parse({ domain, selector }: StoredKey, pem: string): DkimKey {
  const reading = readDkimKey({ domain, selector, pem });
  if ("problem" in reading) throw dkimKeyUnusable({ domain, selector, problem: reading.problem });
  return reading.key;
}

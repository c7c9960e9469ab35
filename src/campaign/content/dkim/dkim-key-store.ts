/** The rows of nms_dkim_key. */

import type { Statements } from "#foundation/database.ts";
import { dkimKeyStates, nameOfCode } from "#schemas/codes.ts";

export type KeyAlgorithm = "rsa" | "ed25519";

export type StoredKey = {
  readonly id: number;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: KeyAlgorithm;
  readonly state: keyof typeof dkimKeyStates;
  /** When it begins to sign; undefined while that is not planned. */
  readonly validFrom: Date | undefined;
  /** PEM, encrypted with the installation's key file. */
  readonly privateKey: string;
  /** As published: base64. */
  readonly publicKey: string;
};

/** The keys of a domain, or of all, the newest last. */
export function listDkimKeys(db: Statements, domain?: string): Promise<StoredKey[]> {
  return db.rows(parseKey)`
    select dkim_key_id, domain, selector, algorithm, state, valid_from, private_key, public_key
      from nms_dkim_key
     where ${domain ?? null}::text is null or domain = ${domain ?? null}
     order by domain, dkim_key_id`;
}

/** Stores a key that does not sign yet; false when the domain has a key of that selector. */
export async function insertDkimKey(
  db: Statements,
  key: Pick<StoredKey, "domain" | "selector" | "algorithm" | "privateKey" | "publicKey">,
): Promise<boolean> {
  const stored = await db.run`
    insert into nms_dkim_key (domain, selector, algorithm, state, private_key, public_key)
    values (${key.domain}, ${key.selector}, ${key.algorithm}, ${dkimKeyStates.next}, ${key.privateKey}, ${key.publicKey})
    on conflict (domain, selector) do nothing`;
  return stored === 1;
}

/** Says when the next keys of a domain begin to sign. */
export function planDkimKeys(db: Statements, ids: readonly number[], validFrom: Date): Promise<number> {
  return db.run`
    update nms_dkim_key set valid_from = ${validFrom}, last_modified = now()
     where dkim_key_id = any(${ids}::bigint[]) and state = ${dkimKeyStates.next}`;
}

/** The given keys sign from now on; those of the same domain and algorithm that did are retired. */
export function activateDkimKeys(db: Statements, ids: readonly number[], now: Date): Promise<number> {
  return db.run`
    update nms_dkim_key k
       set state = case when k.dkim_key_id = any(${ids}::bigint[]) then ${dkimKeyStates.active}::smallint else ${dkimKeyStates.retired}::smallint end,
           valid_from = case when k.dkim_key_id = any(${ids}::bigint[]) then least(k.valid_from, ${now}) else k.valid_from end,
           retired = case when k.dkim_key_id = any(${ids}::bigint[]) then null else ${now}::timestamptz end,
           last_modified = now()
     where k.dkim_key_id = any(${ids}::bigint[])
        or (k.state = ${dkimKeyStates.active}
            and exists (select from nms_dkim_key n
                         where n.dkim_key_id = any(${ids}::bigint[]) and n.domain = k.domain and n.algorithm = k.algorithm))`;
}

/** Ends a key: it signs nothing more. */
export function retireDkimKey(db: Statements, domain: string, selector: string): Promise<number> {
  return db.run`
    update nms_dkim_key set state = ${dkimKeyStates.retired}, retired = now(), last_modified = now()
     where domain = ${domain} and selector = ${selector} and state <> ${dkimKeyStates.retired}`;
}

/** Forgets a retired key. */
export function deleteDkimKey(db: Statements, domain: string, selector: string): Promise<number> {
  return db.run`
    delete from nms_dkim_key where domain = ${domain} and selector = ${selector} and state = ${dkimKeyStates.retired}`;
}

function parseKey(raw: unknown): StoredKey {
  const row = raw as {
    dkim_key_id: number;
    domain: string;
    selector: string;
    algorithm: string;
    state: number;
    valid_from: Date | null;
    private_key: string;
    public_key: string;
  };
  return {
    id: row.dkim_key_id,
    domain: row.domain,
    selector: row.selector,
    algorithm: row.algorithm === "ed25519" ? "ed25519" : "rsa",
    state: nameOfCode(dkimKeyStates, row.state) ?? "retired",
    validFrom: row.valid_from ?? undefined,
    privateKey: row.private_key,
    publicKey: row.public_key,
  };
}

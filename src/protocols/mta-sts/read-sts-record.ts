/** Reads what stands in the TXT records of `_mta-sts.DOMAIN`: whether there is a policy, and which. */

/**
 * The id of the policy; undefined when there is no record, more than one, or one that is none.
 * @param texts the strings of each record, joined
 * @source RFC 8461 section 3.1
 */
export function readStsRecord(texts: readonly string[]): string | undefined {
  const records = texts.filter((text) => /^v=STSv1[ \t]*;/.test(text));
  const [record] = records;
  if (record === undefined || records.length > 1) return undefined;
  for (const field of record.split(";").slice(1)) {
    const found = /^[ \t]*id=([A-Za-z0-9]{1,32})[ \t]*$/.exec(field);
    if (found !== null) return found[1];
  }
  return undefined;
}

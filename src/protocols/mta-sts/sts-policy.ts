/** What a domain says about the servers that take its mail (MTA-STS), and how its file is read. */

export type StsPolicy = {
  /** `enforce` = mail goes to servers that the policy names, with a certificate that proves it, or not at all. */
  readonly mode: "enforce" | "testing" | "none";
  /** Names of mail exchangers, in lower case; `*.` at the beginning stands for one label. */
  readonly mx: readonly string[];
  /** The policy holds for this long after it was fetched. */
  readonly maxAgeSec: number;
};

export type PolicyReading = { readonly kind: "policy"; readonly policy: StsPolicy } | StsFault;
export type StsFault = { readonly kind: "fault"; readonly text: string };

/** About a year. */
const longestAgeSec = 31_557_600;
/** Of what a file may hold, more than a domain has exchangers. */
const mostPatterns = 200;
const mxPattern = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)+$/;

/**
 * Reads a policy file; the first of repeated fields counts, unknown ones are passed over.
 * @source RFC 8461 section 3.2
 */
export function readPolicy(text: string): PolicyReading {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const found = /^([a-z0-9][a-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/i.exec(line);
    return found === null ? [] : [[found[1] ?? "", found[2] ?? ""] as const];
  });
  const first = (name: string): string | undefined => fields.find(([field]) => field === name)?.[1];
  if (first("version") !== "STSv1") return fault("its version is not STSv1");
  const mode = first("mode");
  if (mode !== "enforce" && mode !== "testing" && mode !== "none") return fault("its mode is none of the three");
  const age = first("max_age");
  if (age === undefined || !/^\d{1,10}$/.test(age) || Number(age) > longestAgeSec)
    return fault("its max_age is no age");
  const mx = fields.filter(([field]) => field === "mx").map(([, value]) => value.toLowerCase().replace(/\.$/, ""));
  if (mx.length > mostPatterns || !mx.every((pattern) => mxPattern.test(pattern)))
    return fault("its mx is no host name");
  if (mode !== "none" && mx.length === 0) return fault("it names no mx");
  return { kind: "policy", policy: { mode, mx, maxAgeSec: Number(age) } };
}

/**
 * True when a policy names a mail exchanger.
 * @source RFC 8461 section 4.1: `*.` stands for one whole label
 */
export function namesExchanger(policy: Pick<StsPolicy, "mx">, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  const parent = name.slice(name.indexOf(".") + 1);
  return policy.mx.some((pattern) =>
    pattern.startsWith("*.") ? name.includes(".") && pattern.slice(2) === parent : pattern === name,
  );
}

function fault(problem: string): StsFault {
  return { kind: "fault", text: `the policy is not usable: ${problem}` };
}

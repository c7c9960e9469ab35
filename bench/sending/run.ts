/**
 * How fast does mail leave, from the database to the recorded outcome? A delivery of 30 KB messages with three fields and five tracked
 * links to recipients of 200 domains, by the real mta, to a sink on the same machine; beside a bare client, nodemailer, Postfix and Haraka
 * in the same run. Bars: DESIGN section 6.
 *
 * `npm run bench -- sending [--recipients=100000] [--only=near,signed,far,chunked,tls] [--linearity] [--profile] [--json]`
 */

import { atLeast, atMost, type Bar, report } from "../support/report.ts";
import {
  type Case,
  chunked,
  far,
  type Figures,
  figures,
  measureBeside,
  measureOurs,
  measurePeers,
  near,
  signed,
  tls,
} from "./cases.ts";
import { measureLinearity } from "./linearity.ts";
import { startPlatform } from "./platform.ts";
import { openProfiles } from "./profiles.ts";
import { playRole } from "./roles.ts";

const hasFlag = (name: string): boolean => process.argv.includes(`--${name}`);

function option(name: string, fallback: string): string {
  const prefix = `--${name}=`;
  return process.argv.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? fallback;
}

function ratio(one: Figures, other: Figures): number {
  return Number((one.rate / other.rate).toFixed(2));
}

async function measureAll(): Promise<readonly Bar[]> {
  const recipients = Number(option("recipients", "100000"));
  const only = option("only", "near,signed,far,chunked,tls").split(",");
  const bars: Bar[] = [];
  const runs = (of: Case): boolean => only.includes(of.name);
  const profiles = openProfiles(hasFlag("profile"));
  const platform = await startPlatform(recipients, profiles.environment);
  let mostMb = 0;
  const ours = async (of: Case): Promise<Figures> => {
    const found = await measureOurs(platform, of, recipients);
    profiles.print(of.name);
    mostMb = Math.max(mostMb, found.memoryMb);
    bars.push(atLeast(`${of.name}: each recipient once`, found.isExact ? 1 : 0, 1));
    return found;
  };
  try {
    let plain: Figures | undefined;
    if (runs(near) || runs(tls)) plain = await ours(near);
    if (runs(near) && plain !== undefined) {
      const best = await measurePeers(near);
      await measureBeside("bare", near, recipients);
      bars.push(atLeast("unsigned: times the best peer", ratio(plain, best), 10));
      bars.push(atMost("unsigned: CPU s per 1,000", plain.cpuPer1000, 0.15));
    }
    if (runs(signed)) {
      const found = await ours(signed);
      const best = await measurePeers(signed);
      const bare = await measureBeside("bare", signed, recipients);
      bars.push(atLeast("signed: times the best peer", ratio(found, best), 8));
      bars.push(atLeast("signed: of the bare client", ratio(found, bare), 0.7));
      bars.push(atMost("signed: CPU s per 1,000", found.cpuPer1000, 0.7));
    }
    if (runs(far) || runs(chunked)) {
      const peer = await measureBeside("nodemailer", far, 2_000);
      if (runs(far)) bars.push(atLeast("20 ms: times nodemailer", ratio(await ours(far), peer), 2));
      if (runs(chunked)) bars.push(atLeast("20 ms, CHUNKING: times nodemailer", ratio(await ours(chunked), peer), 9));
    }
    if (runs(tls) && plain !== undefined)
      bars.push(atLeast("STARTTLS: of our plain rate", ratio(await ours(tls), plain), 0.5));
  } finally {
    await platform.stop();
    profiles.close();
  }
  bars.push(atMost("most MB of a child, in any case", mostMb, 200));
  return bars;
}

if (!(await playRole(process.argv.slice(2)))) {
  report("sending", figures, hasFlag("linearity") ? await measureLinearity() : await measureAll());
}

/** Finds the instance that a host name leads to, by the masks of `instance.hosts`. Instances are opened when first asked for. */

import { instanceSettings } from "#foundation/common-settings.ts";
import type { Context, HostContext } from "#foundation/module.ts";

import { unknownHost } from "../errors.ts";
import { webSettings } from "../settings.ts";

export type InstanceDirectory = {
  /**
   * The instance of a host name.
   * @throws unknownHost
   */
  choose(host: string): Promise<Context>;
  all(): Promise<readonly Context[]>;
};

/** Opens no instance yet. */
export function openInstanceDirectory(host: HostContext): InstanceDirectory {
  const { queryTimeoutMs } = host.settings.of(webSettings);
  const opened = new Map<string, Promise<Context>>();
  const open = (name: string): Promise<Context> => {
    const known = opened.get(name) ?? host.openInstance(name, { answerTimeoutMs: queryTimeoutMs });
    opened.set(name, known);
    // An instance whose settings could not be read is tried again at the next request.
    known.catch(() => opened.delete(name));
    return known;
  };
  return {
    all: () => Promise.all(host.instances.map(open)),
    choose: async (hostAndPort) => {
      const name = hostAndPort.replace(/:\d+$/, "");
      const tried = await Promise.allSettled(host.instances.map(open));
      const contexts = tried.filter((result) => result.status === "fulfilled").map(({ value }) => value);
      const masks = contexts.flatMap((context) =>
        context.settings.of(instanceSettings).hosts.map((mask) => ({ mask, context })),
      );
      const best = masks
        .filter(({ mask }) => matches(mask, name))
        .sort((a, b) => precision(b.mask) - precision(a.mask))[0];
      if (best !== undefined) return best.context;
      // The host may be one of an instance that could not be opened: that is then what is wrong.
      const failed = tried.find((result) => result.status === "rejected");
      throw failed === undefined ? unknownHost({ host: name.slice(0, 100) }) : failed.reason;
    },
  };
}

/** True when a host name fits a mask, in which `*` stands for any text. */
export function matches(mask: string, host: string): boolean {
  const pattern = mask
    .toLowerCase()
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`, "s").test(host);
}

/** A whole name before a mask, a long mask before a short one. */
function precision(mask: string): number {
  return mask.includes("*") ? mask.length : 1_000 + mask.length;
}

/** stat: the statistics server that grants senders their connections and messages. */

import type { Context, InstanceModule } from "#foundation/module.ts";

export const stat: InstanceModule = {
  name: "stat",
  scope: "instance",
  start: async (context: Context) => {
    const { flags } = context;
    if (flags["show"] !== undefined) return (await import("./show-stat.ts")).showStat(context);
    if (flags["reload"] !== undefined) return (await import("./request-reload.ts")).requestReload(context);
    const [{ serveAlone }, { serveStat }] = await Promise.all([
      import("./holder/serve-alone.ts"),
      import("./serve-stat.ts"),
    ]);
    return serveAlone(context, (tenure) => serveStat(context, tenure));
  },
};

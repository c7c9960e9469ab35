/** The demo's figures: what came out of each step, and the counts that must agree. */

export type Figures = {
  readonly seconds: number;
  readonly import: {
    readonly read: number;
    readonly inserted: number;
    readonly updated: number;
    readonly unchanged: number;
    readonly doubles: number;
    readonly rejected: number;
  };
  readonly delivery: {
    readonly target: number;
    readonly excluded: Readonly<Record<string, number>>;
    readonly toDeliver: number;
    readonly sent: number;
    readonly refused: number;
    readonly deferred: number;
    readonly bouncedLater: number;
  };
  readonly inbox: { readonly kept: number; readonly duplicates: number };
  readonly returned: { readonly bounces: number; readonly complaints: number; readonly automaticReplies: number };
  readonly readers: {
    readonly opened: number;
    readonly clicked: number;
    readonly clicks: number;
    readonly unsubscribed: number;
  };
  readonly export: { readonly rows: number };
  /** Each pair counted in two places. */
  readonly checks: readonly Check[];
};

export type Check = { readonly name: string; readonly left: number; readonly right: number; readonly isEqual: boolean };

/** Compares two counts of the same thing. */
export function compare(name: string, left: number, right: number): Check {
  return { name, left, right, isEqual: left === right };
}

/** The table that the demo ends with. */
export function renderFigures(figures: Figures): string {
  const { delivery, inbox, returned, readers } = figures;
  const excluded = Object.values(delivery.excluded).reduce((sum, count) => sum + count, 0);
  const lines: (readonly [label: string, count: number, note: string] | undefined)[] = [
    ["rows read from the list", figures.import.read, ""],
    ["  new recipients", figures.import.inserted, ""],
    [
      "  updated / unchanged",
      figures.import.updated + figures.import.unchanged,
      `${figures.import.updated} / ${figures.import.unchanged}`,
    ],
    ["  doubles within the list", figures.import.doubles, "case, dots of Gmail addresses"],
    ["  rejected", figures.import.rejected, "each with its line and reason in the reject file"],
    undefined,
    ["recipients in the target", delivery.target, ""],
    [
      "  excluded before sending",
      excluded,
      Object.entries(delivery.excluded)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", "),
    ],
    ["  messages to deliver", delivery.toDeliver, ""],
    ["accepted by the inbox", delivery.sent + delivery.bouncedLater, ""],
    ["refused at once", delivery.refused, "unknown users"],
    ["deferred, tried again later", delivery.deferred, "full mailboxes, servers that ask for patience"],
    undefined,
    ["bounced after acceptance", returned.bounces, "read by inMail, addresses in quarantine"],
    ["spam complaints", returned.complaints, "addresses deny-listed"],
    ["automatic replies", returned.automaticReplies, "ignored"],
    ["recipients who opened", readers.opened, ""],
    ["recipients who clicked", readers.clicked, `${readers.clicks} clicks`],
    ["one-click unsubscriptions", readers.unsubscribed, ""],
    ["rows exported", figures.export.rows, ""],
  ];
  const width = Math.max(...lines.map((line) => line?.[0].length ?? 0));
  const table = lines.map((line) =>
    line === undefined ? "" : `  ${line[0].padEnd(width)}  ${String(line[1]).padStart(7)}  ${line[2]}`.trimEnd(),
  );
  const checks = figures.checks.map(
    ({ name, left, right, isEqual }) =>
      `  ${isEqual ? "equal" : "DIFFERENT"}  ${name}: ${left}${isEqual ? "" : ` and ${right}`}`,
  );
  return [
    ...table,
    "",
    ...checks,
    "",
    `  ${inbox.duplicates} copies beyond the first of each message; ${figures.seconds} s in all`,
  ].join("\n");
}

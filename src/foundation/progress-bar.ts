/** A bar on the operator's terminal; nothing at all where there is no terminal. */

export type ProgressBar = {
  /** @param note what stands behind the bar, such as `12,000 rows` */
  update(done: number, total: number, note: string): void;
  /** Leaves the last state on the screen and the cursor below it. */
  close(): void;
};

/**
 * Opens a bar on stderr, so that what a command writes to stdout stays clean.
 * @param label what is going on, such as `import`
 */
export async function openProgressBar(
  label: string,
  output: NodeJS.WriteStream = process.stderr,
): Promise<ProgressBar> {
  if (!output.isTTY) return { update: () => undefined, close: () => undefined };
  const { SingleBar, Presets } = (await import("cli-progress")).default;
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage} % | {note}`,
      stream: output,
      hideCursor: true,
      clearOnComplete: false,
      fps: 5,
    },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    update: (done, total, note) => {
      if (isStarted) {
        bar.setTotal(total);
        bar.update(done, { note });
        return;
      }
      isStarted = true;
      bar.start(total, done, { note });
    },
    close: () => {
      if (isStarted) bar.stop();
    },
  };
}

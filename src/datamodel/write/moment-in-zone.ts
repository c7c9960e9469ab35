/** Reads a date and time that names no zone as a clock in a time zone shows it. */

/**
 * The moment at which clocks in a time zone show a date and time.
 * @param local `2024-02-29T10:11:12.000`
 * @param timezone such as `Europe/Paris`
 */
export function momentInZone(local: string, timezone: string): Date {
  const asUtcMs = Date.parse(`${local}Z`);
  if (timezone === "UTC" || Number.isNaN(asUtcMs)) return new Date(asUtcMs);
  // The second look is for the hours around a change of the clocks, where the first guess lies on its other side.
  const guessMs = asUtcMs - offsetMs(asUtcMs, timezone);
  return new Date(asUtcMs - offsetMs(guessMs, timezone));
}

/** How far the clocks of a zone are ahead of UTC at a moment. */
function offsetMs(momentMs: number, timezone: string): number {
  const parts = formatOf(timezone).formatToParts(new Date(momentMs));
  const number = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? "0");
  const shownMs = Date.UTC(
    number("year"),
    number("month") - 1,
    number("day"),
    number("hour"),
    number("minute"),
    number("second"),
  );
  return shownMs - Math.floor(momentMs / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timezone, made);
  return made;
}

/**
 * What values of the expression language are in memory, for tests that compare it with PostgreSQL. Written from the
 * language's documentation alone: nothing of the compiler is used here.
 */

/** A value of each kind: whole numbers are bigint, days count from 1970-01-01, moments and times of day are milliseconds. */
export type Values = {
  text: string;
  integer: bigint;
  double: number;
  boolean: boolean;
  date: number;
  datetime: number;
  time: number;
};

export type ValueKind = keyof Values;
export type Value = Values[ValueKind];

/** What the evaluation of one row needs and notes. */
export type Around = {
  readonly timezone: string;
  readonly nowMs: number;
  /** Somewhere a result left the range of its kind: PostgreSQL may refuse the whole query. */
  hasOverflow: boolean;
};

export const dayMs = 86_400_000;

/** A whole number of 64 bits, or an overflow. */
export function whole(value: bigint, around: Around): bigint | null {
  if (BigInt.asIntN(64, value) === value) return value;
  around.hasOverflow = true;
  return null;
}

/** A double, or an overflow; `isExact` when 0 is not the sign of one too small. */
export function real(value: number, around: Around, mayBeZero = true): number | null {
  if (Number.isFinite(value) && (value !== 0 || mayBeZero)) return value;
  around.hasOverflow = true;
  return null;
}

/** A number of 32 bits, which intervals are counted in. */
export function small(value: bigint, around: Around): number | null {
  if (BigInt.asIntN(32, value) === value) return Number(value);
  around.hasOverflow = true;
  return null;
}

/** A day or moment of the years 132 to 3871: beyond them calendars and time zones are matters of opinion. */
export function within(ms: number, around: Around): number | null {
  if (ms > -58_000_000_000_000 && ms < 60_000_000_000_000) return ms;
  around.hasOverflow = true;
  return null;
}

/** Characters, not UTF-16 units. */
export function characters(text: string): string[] {
  return Array.from(text);
}

/** The order of texts: by code point. */
export function compareTexts(a: string, b: string): number {
  const [left, right] = [characters(a), characters(b)];
  for (const [index, character] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const difference = (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** A decimal number as digits and the place of its point: `digits * 10 ^ -scale`. */
export type Decimal = { digits: bigint; scale: number };

/**
 * The decimal number that a double is written as: the shortest one that is read as the same double. Beyond 2 ^ 53 it may
 * be one of several that are equally near.
 */
export function decimalOf(value: number, around: Around): Decimal {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) around.hasOverflow = true;
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [before = "", after = ""] = mantissa.split(".");
  return rescale({ digits: BigInt(before + after), scale: after.length - Number(exponent) });
}

/** Rounded (halves away from zero) or cut to so many decimals, which may be negative. */
export function cut({ digits, scale }: Decimal, decimals: number, isRounded: boolean): Decimal {
  if (decimals >= scale) return { digits: digits * 10n ** BigInt(decimals - scale), scale: decimals };
  const unit = 10n ** BigInt(scale - decimals);
  const rest = digits % unit;
  const isUp = isRounded && (rest < 0n ? -rest : rest) * 2n >= unit;
  const kept = digits / unit + (isUp ? (digits < 0n ? -1n : 1n) : 0n);
  return decimals >= 0 ? { digits: kept, scale: decimals } : rescale({ digits: kept, scale: decimals });
}

/** `1.50`, without an exponent. */
export function showDecimal({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

function rescale({ digits, scale }: Decimal): Decimal {
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

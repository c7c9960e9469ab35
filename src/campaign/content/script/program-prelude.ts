/** What scripts of content find beside the language: Classic's functions, and how values become text. Part of each program. */

/** Characters of one value that leave the sandbox; what is inserted is cut further for its place. */
export const longestScriptValue = 2_048;

/** Names of months and days in a language, the year beginning with January and the week with Sunday. */
export type CalendarNames = {
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  readonly days: readonly string[];
  readonly shortDays: readonly string[];
};

/** The calendar's names as the runtime knows them. */
export function calendarNames(language: string): CalendarNames {
  const name = (options: Intl.DateTimeFormatOptions, day: number, month: number): string =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(new Date(Date.UTC(2023, month, day)));
  const months = Array.from({ length: 12 }, (_, month) => month);
  // The first of January 2023 was a Sunday.
  const days = Array.from({ length: 7 }, (_, day) => day + 1);
  return {
    months: months.map((month) => name({ month: "long" }, 1, month)),
    shortMonths: months.map((month) => name({ month: "short" }, 1, month)),
    days: days.map((day) => name({ weekday: "long" }, day, 0)),
    shortDays: days.map((day) => name({ weekday: "short" }, day, 0)),
  };
}

/**
 * The functions, as source text. `$$` begins names of our own.
 * Escaping functions answer their text as it is, because each value is escaped for its place when it is inserted: twice would show.
 */
export function programPrelude(names: CalendarNames): string {
  return prelude.replace("$$NAMES", () => JSON.stringify(names)).replace("$$LONGEST", String(longestScriptValue));
}

const prelude = String.raw`
const $$parse = JSON.parse, $$stringify = JSON.stringify, $$slice = Function.prototype.call.bind(String.prototype.slice);
const $$names = $$NAMES;
const $$text = (value) => {
  if (value === null || value === undefined) return "";
  if (typeof value === "object" && !(value instanceof Date || value instanceof String || value instanceof Number || value instanceof Boolean))
    throw new TypeError("The expression gives an object, not a text.");
  if (typeof value === "function") throw new TypeError("The expression gives a function, not a text.");
  return $$slice(value instanceof Date ? formatDate(value, "%4Y/%2M/%2D") : "" + value, 0, $$LONGEST);
};
const $$string = (value) => value === null ? "" : value;
const $$number = (value) => value === null ? null : +value;
const $$boolean = (value) => value === "true" || value === "t";
const $$date = (value) => {
  const read = value === null ? null : /^(\d{4,})-(\d\d)-(\d\d)$/.exec(value);
  return read === null ? null : new Date(+read[1], read[2] - 1, +read[3]);
};
const $$moment = (value) => {
  if (value === null) return null;
  const date = new Date(value.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  return isNaN(date) ? null : date;
};
function escapeXMLString(text) { return $$text(text); }
function escapeUrl(text) { return $$text(text); }
function toSmartCase(text) {
  return $$text(text).toLowerCase().replace(/(^|[\s'’-])(\S)/g, (whole, before, letter) => before + letter.toUpperCase());
}
function getCurrentDate() { return new Date(); }
function formatNumber(value, decimals, separator, point) {
  if (value === null || value === undefined || isNaN(value)) return "";
  const [whole, rest] = Math.abs(+value).toFixed(decimals === undefined ? 0 : decimals).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, separator === undefined ? "" : separator);
  return (+value < 0 ? "-" : "") + grouped + (rest === undefined ? "" : (point === undefined ? "." : point) + rest);
}
function formatDate(value, format) {
  if (value === null || value === undefined || value === "") return "";
  const date = value instanceof Date ? value : new Date(value);
  if (isNaN(date)) return "";
  const pad = (number, width) => String(number).padStart(width === undefined ? 2 : +width, "0");
  const hour = date.getHours();
  const day = Math.round((new Date(date.getFullYear(), date.getMonth(), date.getDate()) - new Date(date.getFullYear(), 0, 1)) / 864e5) + 1;
  return String(format).replace(/%(\d)?(B[ls]?|A[ls]?|[YMDHINSPJ%])/g, (whole, width, letter) => {
    switch (letter) {
      case "Y": return width === "2" ? pad(date.getFullYear() % 100) : pad(date.getFullYear(), 4);
      case "M": return pad(date.getMonth() + 1, width);
      case "D": return pad(date.getDate(), width);
      case "H": return pad(hour, width);
      case "I": return pad(hour % 12 === 0 ? 12 : hour % 12, width);
      case "N": return pad(date.getMinutes(), width);
      case "S": return pad(date.getSeconds(), width);
      case "P": return hour < 12 ? "AM" : "PM";
      case "J": return pad(day, width === undefined ? 3 : width);
      case "B": case "Bl": return $$names.months[date.getMonth()];
      case "Bs": return $$names.shortMonths[date.getMonth()];
      case "A": case "Al": return $$names.days[date.getDay()];
      case "As": return $$names.shortDays[date.getDay()];
      default: return letter;
    }
  });
}
`;

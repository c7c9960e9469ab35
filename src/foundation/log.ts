/** What every module writes its log with: one event, one line, data as fields. Where the lines go is decided by the transport. */

export const traceTypes = [
  "wdbc",
  "soap",
  "smtp",
  "pop3",
  "dns",
  "session",
  "xtkquery",
  "wkf",
  "timing",
  "inmail",
] as const;
export type TraceType = (typeof traceTypes)[number];

export type LogLevel = "error" | "warning" | "info" | "verbose";
export type LogField = string | number | boolean | bigint | null | undefined | Date | readonly string[];
export type LogFields = Readonly<Record<string, LogField>>;

export type LogRecord = {
  readonly time: Date;
  readonly level: LogLevel;
  /** `log`, or the trace type that let the line through. */
  readonly type: "log" | TraceType;
  /** `module.event`, such as `mta.part_sent`. */
  readonly event: string;
  readonly fields: LogFields;
};

export type LogTransport = { write(record: LogRecord): void; close(): Promise<void> };

export type Log = {
  info(event: string, fields?: LogFields): void;
  warning(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Written with `-verbose` only. */
  debug(event: string, fields?: LogFields): void;
  /** Written when `-tracefilter` names the type. */
  trace(type: TraceType, event: string, fields?: LogFields): void;
  traces(type: TraceType): boolean;
};

export type TraceFilter = { readonly isVerbose: boolean; readonly types: ReadonlySet<TraceType> };

/** Builds a log over a transport; lines that the filter leaves out cost one comparison. */
export function createLog(transport: LogTransport, filter: TraceFilter, now: () => Date = () => new Date()): Log {
  const write = (level: LogLevel, type: LogRecord["type"], event: string, fields: LogFields = {}): void =>
    transport.write({ time: now(), level, type, event, fields });
  return {
    info: (event, fields) => write("info", "log", event, fields),
    warning: (event, fields) => write("warning", "log", event, fields),
    error: (event, fields) => write("error", "log", event, fields),
    debug: (event, fields) => {
      if (filter.isVerbose) write("verbose", "log", event, fields);
    },
    trace: (type, event, fields) => {
      if (filter.types.has(type)) write("verbose", type, event, fields);
    },
    traces: (type) => filter.types.has(type),
  };
}

/**
 * Reads `wdbc,soap,!xtkquery` or `*,!timing`: types named are traced, `*` means all, `!x` leaves one out.
 * @returns the types, or the words that are no trace type
 */
export function parseTraceFilter(text: string): { types: ReadonlySet<TraceType>; unknown: readonly string[] } {
  const types = new Set<TraceType>();
  const left = new Set<string>();
  const unknown: string[] = [];
  for (const word of text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)) {
    const name = word.replace(/^!/, "");
    const type = traceTypes.find((known) => known === name);
    if (name === "*") traceTypes.forEach((known) => types.add(known));
    else if (type === undefined) unknown.push(word);
    else if (word.startsWith("!")) left.add(type);
    else types.add(type);
  }
  return { types: new Set([...types].filter((type) => !left.has(type))), unknown };
}

/** One line of text: the event, then `name=value` pairs, values quoted where they hold spaces. Control characters are escaped. */
export function renderRecord(record: LogRecord): string {
  const pairs = Object.entries(record.fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${renderField(value)}`);
  return escapeControls([record.event, ...pairs].join(" "));
}

/** Shows control characters, line separators and direction marks as `\x1b`, so that a line stays one line and cannot steer a terminal. */
export function escapeControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- naming control characters is this function's purpose
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

function renderField(value: LogField): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return renderField(value.join(","));
  const text = String(value);
  return /[\s"=]/.test(text) || text === "" ? JSON.stringify(text) : text;
}

/** A log that keeps nothing: for tools and tests that have no one to tell. */
export const silentLog: Log = createLog(
  { write: () => undefined, close: () => Promise.resolve() },
  { isVerbose: false, types: new Set() },
);

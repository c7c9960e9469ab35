/** What is said over the control socket, and how it is read from JSON. */

export type ProcessState = "stopped" | "starting" | "ready" | "stopping" | "waiting";
const processStates: readonly string[] = [
  "stopped",
  "starting",
  "ready",
  "stopping",
  "waiting",
] satisfies ProcessState[];

/** One process as the watchdog sees it. */
export type ProcessEntry = {
  readonly module: string;
  /** `default` for a module that serves the whole host. */
  readonly instance: string;
  readonly pid?: number;
  /** Resident memory. */
  readonly memoryBytes: number;
  /** ISO 8601, of the process that runs now. */
  readonly startedAt?: string;
  /** Starts after the first, for whatever reason. */
  readonly restarts: number;
  readonly lastError?: string;
  /** `waiting`: for its next start, or for its database. */
  readonly state: ProcessState;
  readonly isAutoStart: boolean;
  /** Set for a process that another module started, such as mtachild. */
  readonly parent?: string;
};

export type DatabaseEntry = {
  readonly instance: string;
  readonly kind: "embedded" | "external";
  readonly where: string;
  readonly isReady: boolean;
  readonly pid?: number;
  readonly problem?: string;
};

export type PlatformStatus = {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  /** `ready` once every autoStart process has been ready. */
  readonly phase: "starting" | "ready" | "stopping";
  readonly databases: readonly DatabaseEntry[];
  readonly processes: readonly ProcessEntry[];
  /** `module@instance` of each autoStart process that does not run. */
  readonly missing: readonly string[];
};

export type ControlRequest =
  | { readonly kind: "listProcesses" }
  | { readonly kind: "status" }
  | { readonly kind: "start"; readonly mask: string; readonly args: readonly string[] }
  | { readonly kind: "restart"; readonly mask: string; readonly args: readonly string[]; readonly isImmediate: boolean }
  | { readonly kind: "stop"; readonly mask: string; readonly isImmediate: boolean }
  | { readonly kind: "shutdown" }
  | { readonly kind: "reload" }
  | { readonly kind: "forgetInstance"; readonly instance: string };

export type ControlAnswers = {
  readonly listProcesses: readonly ProcessEntry[];
  readonly status: PlatformStatus;
  readonly start: readonly string[];
  readonly restart: readonly string[];
  readonly stop: readonly string[];
  readonly shutdown: readonly string[];
  readonly reload: readonly string[];
  readonly forgetInstance: readonly string[];
};

/** Reads a request line; undefined when it is none. */
export function parseRequest(line: string): ControlRequest | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(raw)) return undefined;
  const { kind } = raw;
  if (kind === "listProcesses" || kind === "status" || kind === "shutdown" || kind === "reload") return { kind };
  if (kind === "forgetInstance")
    return typeof raw["instance"] === "string" ? { kind, instance: raw["instance"] } : undefined;
  const { mask } = raw;
  if (typeof mask !== "string" || mask.length > 200) return undefined;
  const isImmediate = raw["isImmediate"] === true;
  if (kind === "stop") return { kind, mask, isImmediate };
  const args = readTexts(raw["args"]);
  if (kind === "start") return { kind, mask, args };
  return kind === "restart" ? { kind, mask, args, isImmediate } : undefined;
}

/** Reads a list of processes. */
export function parseProcesses(raw: unknown): readonly ProcessEntry[] {
  return (Array.isArray(raw) ? raw : []).filter(isRecord).map(parseProcess);
}

/** Reads a status. */
export function parseStatus(raw: unknown): PlatformStatus {
  const status = isRecord(raw) ? raw : {};
  const phase = status["phase"];
  return {
    version: readText(status["version"]) ?? "",
    pid: readNumber(status["pid"]) ?? 0,
    startedAt: readText(status["startedAt"]) ?? "",
    phase: phase === "ready" || phase === "stopping" ? phase : "starting",
    databases: (Array.isArray(status["databases"]) ? status["databases"] : []).filter(isRecord).map(parseDatabase),
    processes: parseProcesses(status["processes"]),
    missing: readTexts(status["missing"]),
  };
}

/** Reads the names of processes that a command changed. */
export function parseChange(raw: unknown): readonly string[] {
  return readTexts(raw);
}

function parseProcess(raw: Record<string, unknown>): ProcessEntry {
  const state = raw["state"];
  return {
    module: readText(raw["module"]) ?? "",
    instance: readText(raw["instance"]) ?? "default",
    memoryBytes: readNumber(raw["memoryBytes"]) ?? 0,
    restarts: readNumber(raw["restarts"]) ?? 0,
    state: isProcessState(state) ? state : "stopped",
    isAutoStart: raw["isAutoStart"] === true,
    ...optional("pid", readNumber(raw["pid"])),
    ...optional("startedAt", readText(raw["startedAt"])),
    ...optional("lastError", readText(raw["lastError"])),
    ...optional("parent", readText(raw["parent"])),
  };
}

function parseDatabase(raw: Record<string, unknown>): DatabaseEntry {
  return {
    instance: readText(raw["instance"]) ?? "",
    kind: raw["kind"] === "external" ? "external" : "embedded",
    where: readText(raw["where"]) ?? "",
    isReady: raw["isReady"] === true,
    ...optional("pid", readNumber(raw["pid"])),
    ...optional("problem", readText(raw["problem"])),
  };
}

/** A property that is left out when there is no value: what `exactOptionalPropertyTypes` asks for. */
function optional<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]: V });
}

function isProcessState(value: unknown): value is ProcessState {
  return typeof value === "string" && processStates.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function readTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

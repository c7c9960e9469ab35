/** Reads a workflow's definition from JSON: its shape, names and arrows. What an activity's settings mean is the activity's affair. */

import { definitionInvalid } from "./errors.ts";
import { type ActivityNode, layoutNames, type Transition, type WorkflowDefinition } from "./workflow-definition.ts";

const namePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const typePattern = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const settingPattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;
const longestLayout = 255;
const mostActivities = 500;
const mostTransitions = 50;

/**
 * Accepts a definition.
 * @param workflow its internal name, for the message
 * @throws definitionInvalid listing every fault
 */
export function parseWorkflowDefinition(workflow: string, raw: unknown): WorkflowDefinition {
  const faults: string[] = [];
  const definition = readDefinition(raw, faults);
  if (faults.length > 0) throw definitionInvalid({ workflow, faults });
  return definition;
}

function readDefinition(raw: unknown, faults: string[]): WorkflowDefinition {
  const list = isObject(raw) ? raw["activities"] : undefined;
  if (!Array.isArray(list)) {
    faults.push("it must be an object with a list named activities");
    return { activities: [] };
  }
  if (list.length > mostActivities) {
    faults.push(`it has ${list.length} activities; ${mostActivities} is the most`);
    return { activities: [] };
  }
  const activities = list.map((item: unknown, index) => readActivity(item, index, faults));
  if (activities.length === 0) faults.push("it has no activity");
  const names = new Set<string>();
  for (const { name } of activities) {
    if (names.has(name)) faults.push(`two activities are named '${name}'`);
    names.add(name);
  }
  for (const { name, transitions } of activities) {
    for (const { name: transition, target } of transitions) {
      if (target !== undefined && !names.has(target))
        faults.push(`${name}: the transition '${transition}' leads to '${target}', which is no activity`);
    }
  }
  if (
    activities.length > 0 &&
    activities.every(({ name }) =>
      activities.some(({ transitions }) => transitions.some(({ target }) => target === name)),
    )
  ) {
    faults.push("every activity is reached by another, so that none can begin; add a start");
  }
  return { activities };
}

function readActivity(raw: unknown, index: number, faults: string[]): ActivityNode {
  const fallback = `activity ${index + 1}`;
  if (!isObject(raw)) {
    faults.push(`${fallback} is no object`);
    return { type: "", name: fallback, label: "", settings: {}, transitions: [] };
  }
  const { type, name, label, settings, transitions, layout } = raw;
  if (typeof name !== "string" || !namePattern.test(name))
    faults.push(`${fallback}: its name must be a letter followed by letters, digits, - and _ (64 at most)`);
  const shown = typeof name === "string" ? name.slice(0, 64) : fallback;
  if (typeof type !== "string" || type === "") faults.push(`${shown}: its type is missing`);
  else if (!typePattern.test(type)) faults.push(`${shown}: its type is no name of a kind of activity`);
  if (label !== undefined && typeof label !== "string") faults.push(`${shown}: its label is no text`);
  if (settings !== undefined && !isObject(settings)) faults.push(`${shown}: its settings are no object`);
  else if (Object.keys(settings ?? {}).some((setting) => !settingPattern.test(setting)))
    faults.push(`${shown}: the name of a setting must be a letter followed by letters, digits, dots, - and _`);
  return {
    type: typeof type === "string" ? type : "",
    name: shown,
    label: typeof label === "string" ? label : "",
    settings: isObject(settings) ? settings : {},
    transitions: readTransitions(transitions, shown, faults),
    ...readLayout(layout, shown, faults),
  };
}

function readLayout(raw: unknown, activity: string, faults: string[]): Pick<ActivityNode, "layout"> {
  if (raw === undefined || raw === null) return {};
  const entries = isObject(raw) ? Object.entries(raw) : [["", raw] as const];
  const isKnown = (entry: readonly [string, unknown]): entry is [string, string] =>
    layoutNames.some((name) => name === entry[0]) && typeof entry[1] === "string" && entry[1].length <= longestLayout;
  if (!entries.every(isKnown)) {
    faults.push(`${activity}: its layout holds texts named ${layoutNames.join(", ")}, and nothing else`);
    return {};
  }
  return entries.length === 0 ? {} : { layout: Object.fromEntries(entries) };
}

function readTransitions(raw: unknown, activity: string, faults: string[]): Transition[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw) || raw.length > mostTransitions) {
    faults.push(`${activity}: its transitions must be a list of at most ${mostTransitions}`);
    return [];
  }
  const names = new Set<string>();
  return raw.flatMap((item: unknown): Transition[] => {
    const { name, target, label, isDisabled } = isObject(item) ? item : {};
    if (
      typeof name !== "string" ||
      !namePattern.test(name) ||
      (target !== undefined && target !== null && typeof target !== "string")
    ) {
      faults.push(`${activity}: a transition is {"name": ..., "target": the name of an activity}`);
      return [];
    }
    if (names.has(name)) faults.push(`${activity}: two transitions are named '${name}'`);
    names.add(name);
    return [
      {
        name,
        target: typeof target === "string" && target !== "" ? target : undefined,
        ...(typeof label === "string" && label !== "" ? { label } : {}),
        ...(isDisabled === true ? { isDisabled } : {}),
      },
    ];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

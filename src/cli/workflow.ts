/** `postrider workflow`: lists the workflows of an instance, and orders them to start, pause, stop and so on. */

import { createWorkflow } from "#campaign/workflow/create-workflow.ts";
import { listWorkflows } from "#campaign/workflow/list-workflows.ts";
import { readJournal } from "#campaign/workflow/read-journal.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import { type WorkflowCommand, workflowCommands } from "#campaign/workflow/workflow.ts";
import { locateHome, parseInstanceName } from "#foundation/home.ts";
import type { Database } from "#foundation/database.ts";
import { table } from "#foundation/text-table.ts";
import { nameOfCode, workflowStates } from "#schemas/codes.ts";

import { invalidArgument, missingArgument } from "./errors.ts";
import { findDefaultInstance, withDatabase } from "./open-instance-database.ts";
import type { Arguments } from "./parse-arguments.ts";
import { readDefinitionFile } from "./read-definition-file.ts";
import type { VerbRun } from "./verb.ts";

/** Does the one thing that the flags ask for; the commands are stored, and wfserver applies them. */
export const workflow: VerbRun = async ({ flags }) => {
  const home = locateHome(process.env);
  const given = flags["instance"];
  const instance = typeof given === "string" ? parseInstanceName(given) : findDefaultInstance(home);
  const act = chooseAct(flags);
  process.stdout.write(`${await withDatabase(home, instance, act)}\n`);
  return 0;
};

type Act = (db: Database) => Promise<string>;

function chooseAct(flags: Arguments["flags"]): Act {
  const command = workflowCommands.find((name) => flags[name] !== undefined);
  if (command !== undefined) return (db) => orderCommand(db, readName(flags, command), command);
  if (flags["journal"] !== undefined) return (db) => showJournal(db, readName(flags, "journal"));
  if (flags["create"] !== undefined) {
    const name = readName(flags, "create");
    const file = flags["file"];
    if (typeof file !== "string") throw missingArgument({ command: "workflow", argument: "-file:PATH beside -create" });
    return (db) => storeWorkflow(db, name, file);
  }
  if (flags["list"] !== undefined) return list;
  throw missingArgument({ command: "workflow", argument: "-list, -start:NAME, -stop:NAME or another of its flags" });
}

function readName(flags: Arguments["flags"], flag: string): string {
  const name = flags[flag];
  if (typeof name !== "string" || name === "")
    throw invalidArgument({ argument: `-${flag}`, form: `-${flag}:NAME, the internal name of a workflow` });
  return name;
}

async function orderCommand(db: Database, name: string, command: WorkflowCommand): Promise<string> {
  await requestCommand(db, { workflow: name, command });
  return `${name}: ${command} is requested; postrider workflow -list shows when it is done`;
}

async function storeWorkflow(db: Database, internalName: string, file: string): Promise<string> {
  await createWorkflow(db, { internalName, definition: readDefinitionFile(file) });
  return `${internalName}: stored; start it with postrider workflow -start:${internalName}`;
}

async function list(db: Database): Promise<string> {
  const workflows = await listWorkflows(db);
  if (workflows.length === 0) return "There is no workflow";
  const rows = workflows.map(({ internalName, state, hasFailed, runNumber, openTasks, lastModified }) => [
    internalName,
    `${nameOfCode(workflowStates, state) ?? state}${hasFailed ? ", failed" : ""}`,
    String(runNumber),
    String(openTasks),
    lastModified.toISOString().slice(0, 19).replace("T", " "),
  ]);
  return table([["name", "state", "run", "open tasks", "changed (UTC)"], ...rows]);
}

async function showJournal(db: Database, name: string): Promise<string> {
  const lines = await readJournal(db, name);
  if (lines.length === 0) return `${name}: its journal is empty`;
  return lines
    .map(
      ({ logged, level, activity, message }) =>
        `${logged.toISOString()}  ${level.padEnd(7)}  ${activity === "" ? "-" : activity}  ${message}`,
    )
    .join("\n");
}

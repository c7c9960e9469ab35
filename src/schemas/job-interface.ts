/** `xtk:jobInterface`: calls that run in the background, and what became of them. */

import type { MethodParameter } from "./schema.ts";
import { defineService } from "./service.ts";

const id = { name: "id", type: "string", direction: "in" } as const satisfies MethodParameter;
const newId = { name: "id", type: "string", direction: "out" } as const satisfies MethodParameter;
const methodName = { name: "methodName", type: "string", direction: "in" } as const satisfies MethodParameter;

export const jobInterface = defineService({
  name: "xtk:jobInterface",
  label: "Job interface",
  structures: {},
  interfaceIn: "xtk:job",
  methods: [
    {
      name: "Execute",
      label: "Calls a method of the entity, and answers when it has ended",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [methodName, newId],
    },
    {
      name: "Submit",
      label: "Calls a method of the entity in the background",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [methodName, newId],
    },
    {
      name: "SubmitSoapCall",
      label: "Calls any method in the background, with parameters",
      isStatic: false,
      isConst: true,
      access: "session",
      parameters: [
        {
          name: "soapCall",
          type: "DOMElement",
          direction: "in",
          description: "<soapCall name service><param name type value/>...",
        },
        newId,
      ],
    },
    {
      name: "SubmitFromModel",
      label: "Calls a method of entities made of a template",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "schema", type: "string", direction: "in" },
        { name: "where", type: "string", direction: "in" },
        methodName,
        { name: "diff", type: "DOMElement", direction: "in" },
        { name: "async", type: "boolean", direction: "in" },
        { name: "jobId", type: "long", direction: "out" },
      ],
      notYet: "Make the entity with CreateFromModel and Write, then Submit its method.",
    },
    {
      name: "GetStatus",
      label: "How far a job is, and what it has noted since",
      isStatic: true,
      access: "session",
      parameters: [
        id,
        { name: "lastLogId", type: "long", direction: "in", description: "Lines after this one are answered" },
        { name: "maxLogCount", type: "long", direction: "in" },
        { name: "status", type: "short", direction: "out" },
        { name: "returnLogs", type: "DOMElement", direction: "out" },
        { name: "properties", type: "DOMElement", direction: "out" },
      ],
    },
    {
      name: "GetResult",
      label: "What the call has answered",
      isStatic: true,
      access: "session",
      parameters: [id, { name: "response", type: "string", direction: "out" }],
    },
    {
      name: "HasWarning",
      label: "Whether there were warnings or errors",
      isStatic: true,
      access: "session",
      parameters: [id, { name: "hasWarning", type: "boolean", direction: "out" }],
    },
    { name: "Cancel", label: "Asks a job to end", isStatic: true, access: "session", parameters: [id] },
    {
      name: "WaitJobCancelled",
      label: "Waits until a job has ended",
      isStatic: true,
      access: "session",
      parameters: [id, { name: "timeout", type: "long", direction: "in", description: "Seconds" }],
    },
    {
      name: "Pause",
      label: "Pauses a job",
      isStatic: true,
      access: "session",
      parameters: [id],
      notYet: "Jobs can be cancelled. To pause a delivery or a workflow, call its own Pause.",
    },
    {
      name: "CheckIfJobInProcess",
      label: "Whether a process works at a job",
      isStatic: true,
      access: "session",
      parameters: [
        { name: "pid", type: "long", direction: "in" },
        { name: "hostName", type: "string", direction: "in" },
        { name: "result", type: "boolean", direction: "out" },
      ],
    },
    {
      name: "GetJobsInProcess",
      label: "The jobs that are being worked at",
      isStatic: true,
      access: "session",
      parameters: [{ name: "jobInfo", type: "DOMDocument", direction: "out" }],
    },
    {
      name: "FilesExist",
      label: "Whether files are on the server",
      isStatic: true,
      access: "admin",
      parameters: [
        { name: "files", type: "DOMDocument", direction: "in" },
        { name: "exist", type: "DOMDocument", direction: "out" },
      ],
      notYet: "Clients are not told about the server's own files; upload what a job needs.",
    },
    {
      name: "GetServerDiskSpace",
      label: "Free space on the server",
      isStatic: true,
      access: "admin",
      parameters: [{ name: "serverDiskSpace", type: "int64", direction: "out" }],
      notYet: "The monitoring page shows it.",
    },
  ],
});

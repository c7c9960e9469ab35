/** `nms:delivery`: preparing and sending. What takes long is asked of the `mta` and answered at once. */

import type { MethodParameter } from "./schema.ts";
import { defineService } from "./service.ts";

const preparing = { access: { right: "delivery" } } as const;
const starting = { access: { right: "deliveryStart" } } as const;
const deliveryId = {
  name: "deliveryId",
  type: "string",
  direction: "in",
  description: "The delivery's id or internal name",
} as const satisfies MethodParameter;
const mirrorPages = "Mirror pages and previews follow with the content editor.";

export const deliveryService = defineService({
  name: "nms:delivery",
  label: "Deliveries",
  structures: {},
  methods: [
    {
      name: "Prepare",
      label: "Stores the delivery where it has changed, and has it prepared",
      isStatic: false,
      ...preparing,
      parameters: [],
    },
    {
      name: "PrepareAndStart",
      label: "Stores the delivery where it has changed, has it prepared and sent",
      isStatic: false,
      ...starting,
      parameters: [],
    },
    { name: "Start", label: "Has a delivery sent", isStatic: true, ...starting, parameters: [deliveryId] },
    { name: "Pause", label: "Pauses a delivery", isStatic: true, ...starting, parameters: [deliveryId] },
    { name: "Resume", label: "Lets a paused delivery go on", isStatic: true, ...starting, parameters: [deliveryId] },
    {
      name: "Retry",
      label: "Tries at once what servers have refused for now",
      isStatic: true,
      ...starting,
      parameters: [deliveryId],
    },
    { name: "Stop", label: "Stops a delivery for good", isStatic: true, ...starting, parameters: [deliveryId] },
    {
      name: "ExecCommand",
      label: "Starts, resumes, pauses or stops a delivery",
      isStatic: true,
      ...starting,
      parameters: [
        deliveryId,
        { name: "command", type: "string", direction: "in", description: "play, resume, pause, retry or stop" },
        { name: "state", type: "short", direction: "out" },
      ],
    },
    {
      name: "CreateFromModel",
      label: "A delivery made of a template and of what differs from it, not stored yet",
      isStatic: true,
      ...preparing,
      parameters: [
        { name: "model", type: "string", direction: "in", description: "Internal name or id of the template" },
        { name: "patch", type: "DOMElement", direction: "in", description: "What differs from it" },
        { name: "delivery", type: "DOMDocument", direction: "out" },
      ],
    },
    {
      name: "SubmitDelivery",
      label: "Makes a delivery of a template, stores it and has it sent",
      isStatic: true,
      ...starting,
      parameters: [
        { name: "scenario", type: "string", direction: "in", description: "Internal name of the template" },
        { name: "content", type: "DOMElement", direction: "in", description: "What differs from it" },
      ],
    },
    {
      name: "PrepareProof",
      label: "Prepares a proof",
      isStatic: false,
      ...preparing,
      parameters: [{ name: "start", type: "boolean", direction: "in" }],
      notYet: "Proofs follow; send a copy of the delivery to a group of reviewers meanwhile.",
    },
    {
      name: "FinalizeMidPreparation",
      label: "Ends the preparation of a mid-sourcing server",
      isStatic: false,
      ...preparing,
      parameters: [],
      notYet: "Mid-sourcing is not offered: deliveries are sent by this platform itself.",
    },
    {
      name: "BuildPreview",
      label: "Renders the content for a recipient",
      isStatic: false,
      ...preparing,
      parameters: [],
      notYet: mirrorPages,
    },
    {
      name: "BuildMirror",
      label: "Renders the mirror page",
      isStatic: true,
      ...preparing,
      parameters: [deliveryId],
      notYet: mirrorPages,
    },
    {
      name: "DeployTriggerMessages",
      label: "Publishes templates of transactional messages",
      isStatic: true,
      ...starting,
      parameters: [
        { name: "deliveries", type: "DOMElement", direction: "in" },
        { name: "localPublish", type: "boolean", direction: "in" },
      ],
      notYet: "Templates of transactional messages follow; events are taken by nms:rtEvent#PushEvent.",
    },
    {
      name: "GetFilesToDownload",
      label: "Files that a delivery needs",
      isStatic: true,
      ...preparing,
      parameters: [
        { name: "deliveryId", type: "long", direction: "in" },
        { name: "files", type: "DOMDocument", direction: "out" },
        { name: "urls", type: "DOMDocument", direction: "out" },
      ],
      notYet: "Attachments and images that a delivery brings along follow with the content editor.",
    },
    {
      name: "CleanupDeliveries",
      label: "Purges old deliveries",
      isStatic: true,
      access: "admin",
      parameters: [],
      notYet: "The technical workflows that purge follow; delete deliveries with DeleteCollection.",
    },
    {
      name: "CollectLogs",
      label: "Fetches the logs of other servers",
      isStatic: true,
      access: "admin",
      parameters: [],
      notYet: "There is nothing to fetch: the logs of this platform are in its own database.",
    },
  ],
});

/** Errors of entities as clients write them. */

import { defineError } from "#foundation/errors.ts";

export const conditionRefused = defineError<{ reason: string }>("ENT-100001", {
  message: ({ reason }) => `The conditions cannot be taken: ${reason}. Write them as expressions on the recipient.`,
});

export const documentRefused = defineError<{ what: string; reason: string }>("ENT-100002", {
  message: ({ what, reason }) => `${what} cannot be read: ${reason}.`,
});

export const entityUnknown = defineError<{ schema: string; entity: string }>("ENT-100003", {
  message: ({ schema, entity }) => `There is no ${schema} '${entity}'.`,
});

export const entityProtected = defineError<{ schema: string; entity: string }>("ENT-100004", {
  message: ({ schema, entity }) =>
    `You may not change ${schema} '${entity}'. An administrator can give you the rights on its folder.`,
});

export const folderProtected = defineError<{ folder: string; wish: string }>("ENT-100010", {
  message: ({ folder, wish }) => `The folder '${folder}' is needed by the product and cannot be ${wish}.`,
});

export const folderWithoutRoot = defineError<{ folder: string }>("ENT-100011", {
  message: ({ folder }) =>
    `The folder '${folder}' would be its own parent: choose a parent that does not lie within it.`,
});

export const workflowBusy = defineError<{ workflow: string; wish: string; state: string }>("ENT-100012", {
  message: ({ workflow, wish, state }) =>
    `The workflow '${workflow}' cannot be ${wish}: its state is ${state}. Stop or pause it first.`,
});

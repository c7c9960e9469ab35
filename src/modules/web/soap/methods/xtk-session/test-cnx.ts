/** Answers when session and database are there: looking the session up has just asked both. */

import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";

export const testCnx = defineMethod(sessionService, "TestCnx", async () => []);

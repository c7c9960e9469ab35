/* Shows the description of the interface with the session of this browser, or with a token that is pasted. The token stays in this page. */
"use strict";

const form = document.getElementById("token-form");
const credentials = {};

/** The description, or the problem that the server answered. */
async function loadDescription() {
  const answer = await fetch("/api/v1/openapi.json", { headers: { ...credentials } });
  return answer.ok ? { description: await answer.json() } : { problem: await answer.json() };
}

/** A change made with the session's cookie needs the token that goes with it. */
async function prepareSession() {
  const answer = await fetch("/api/v1/session");
  if (!answer.ok) return;
  const { securityToken } = await answer.json();
  if (securityToken !== undefined) credentials["X-Security-Token"] = securityToken;
}

function show(spec) {
  form.hidden = true;
  window.SwaggerUIBundle({
    spec,
    dom_id: "#interface",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
    requestInterceptor: (request) => {
      for (const [name, value] of Object.entries(credentials)) request.headers[name] ??= value;
      return request;
    },
  });
}

async function start() {
  await prepareSession();
  const { description } = await loadDescription();
  if (description === undefined) form.hidden = false;
  else show(description);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void useToken();
});

async function useToken() {
  credentials.Authorization = `Bearer ${document.getElementById("token").value.trim()}`;
  const { description, problem } = await loadDescription();
  if (description !== undefined) return show(description);
  delete credentials.Authorization;
  document.getElementById("token-problem").textContent = problem.detail;
}

void start();

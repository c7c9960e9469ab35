// Fetches the page again at the interval it asks for, and replaces its content while nobody is reading a selection in it.
const main = document.querySelector("main[data-refresh]");
const intervalMs = Number(main?.dataset.refresh) * 1000;

async function refresh() {
  if (document.hidden || String(document.getSelection()) !== "") return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
  // A session that has ended answers with a redirect: the browser shall go there itself.
  if (answer.type === "opaqueredirect") return location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (fresh === null) return;
  const focused = main.contains(document.activeElement)
    ? [...main.querySelectorAll("a, button, [tabindex]")].indexOf(document.activeElement)
    : -1;
  const scrolls = [...main.querySelectorAll(".sheet")].map((sheet) => sheet.scrollLeft);
  main.replaceChildren(...fresh.childNodes);
  [...main.querySelectorAll(".sheet")].forEach((sheet, index) => {
    sheet.scrollLeft = scrolls[index] ?? 0;
  });
  if (focused >= 0) main.querySelectorAll("a, button, [tabindex]")[focused]?.focus({ preventScroll: true });
}

if (intervalMs > 0) {
  setInterval(() => {
    // A server that is restarting is asked again at the next turn.
    refresh().catch(() => undefined);
  }, intervalMs);
}

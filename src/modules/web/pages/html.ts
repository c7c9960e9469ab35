/** HTML written as tagged templates: every value is escaped, unless it is HTML that such a template made. */

/** Markup that is safe to send as it stands. */
export type Html = { readonly markup: string };

type Piece = Html | string | number | undefined | false | readonly Piece[];

/**
 * Builds markup. Values stand between tags or inside double quotes; undefined and false leave nothing, lists are joined.
 * A value must not stand in a tag's or attribute's name, in a script or in a style.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return { markup: strings.map((text, index) => text + (index < values.length ? render(values[index]) : "")).join("") };
}

/** Escapes text for an element's content and for an attribute in double quotes. */
export function escapeHtml(text: string): string {
  // Direction marks could show a name backwards, or an address as another one: they are isolated from what stands around.
  const escaped = text
    .toWellFormed()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
  // eslint-disable-next-line no-control-regex -- naming control characters is the purpose
  return escaped.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

/** The address of a link that came from outside, or undefined when it leads anywhere but to a web page. */
export function safeLink(address: string): string | undefined {
  return /^https?:\/\//i.test(address.trim()) ? address.trim() : undefined;
}

function render(value: Piece): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  return "markup" in value ? value.markup : value.map(render).join("");
}

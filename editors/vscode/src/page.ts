/** What a page that hostfit writes may do in the editor. No `vscode` in here, so that it is tested without one. */
import { createHash } from "node:crypto";

/** The page, allowed nothing but its own styles and scripts: nothing is loaded, nothing is sent. */
export function secured(page: string): string {
  const scripts = [...page.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script\s*>/gi)].map(([, script = ""]) => script);
  // The browser hashes what it has parsed.
  const hashes = scripts.map((script) => hash(script.replace(/\r\n?/g, "\n")));
  const rules = [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "img-src data:",
    "style-src 'unsafe-inline'",
    `script-src ${hashes.join(" ") || "'none'"}`,
  ];
  const policy = `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}">`;
  const head = /<head\b[^>]*>/i.exec(page);
  const place = head ? head.index + head[0].length : 0;
  return page.slice(0, place) + policy + page.slice(place);
}

function hash(script: string): string {
  return `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
}

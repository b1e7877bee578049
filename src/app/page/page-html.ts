/** The page as HTML: with its script and style beside it as the server sends it, or in it as a file to send. */
import { createHash } from "node:crypto";
import type { PageFiles } from "./page-files.ts";
import type { Recorded } from "./records.ts";

const head = (title: string, more: string) =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
${more}
</head>
<body>
<div id="page"></div>
<noscript>This page is drawn by its own script; allow it to run.</noscript>
`;

export function pageHtml(): string {
  const links = `<link rel="stylesheet" href="/page.css">\n<script src="/page.js" defer></script>`;
  return `${head("errata watch", links)}</body>\n</html>\n`;
}

/** The page as one file that opens from a disk, without a server or a network. */
export function reportHtml({ js, css }: PageFiles, recorded: Recorded): string {
  // within <script> a `</script` would end it
  const script = js.replaceAll("</script", "<\\/script");
  const json = JSON.stringify(recorded).replaceAll("<", "\\u003c");
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(css)}; img-src data:`;
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">\n<style>${css}</style>`;
  return `${head("errata report", meta)}<script type="application/json" id="recorded">${json}</script>
<script>${script}</script>
</body>
</html>
`;
}

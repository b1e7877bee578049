/** The page as HTML, with its script and style beside it. */
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

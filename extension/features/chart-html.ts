/** The chart's page: one script, one style sheet, nothing inline, no connection to anywhere. */

/** @param source where the page may load its style sheet from */
export function pageText(script: string, style: string, source: string, nonce: string): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `img-src ${source} data:`,
    `font-src ${source}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${style}">
    <title>Igla</title>
  </head>
  <body>
    <main id="chart"></main>
    <script nonce="${nonce}" src="${script}"></script>
  </body>
</html>
`;
}

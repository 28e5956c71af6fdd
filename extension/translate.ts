/** Translation as the pure models see it: `vscode.l10n.t` in the editor, plain English in tests. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** Puts arguments into `{0}`, `{1}` ... and translates nothing. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));

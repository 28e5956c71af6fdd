/** Entry of `dist/lsp.js`: the language server of race files, assertion files and proofs, on stdin and stdout. */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { serve } from "./server.ts";

const { env, platform } = process;
serve(createConnection(ProposedFeatures.all, process.stdin, process.stdout), { env, platform, now: Date.now });

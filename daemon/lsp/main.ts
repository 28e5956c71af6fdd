/** Entry of `dist/lsp.js`: the language server of `*.igla.toml` on stdin and stdout. */
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { serve } from "./server.ts";

serve(createConnection(ProposedFeatures.all, process.stdin, process.stdout));

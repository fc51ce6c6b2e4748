// Bundle the page's scripts and style into ../built: two scripts, one for the page and one for its workers, and one style sheet.
import { build } from "esbuild";

await build({
  entryPoints: { page: "src/page.tsx", worker: "src/worker.ts", style: "src/style.css" },
  outdir: "../built",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome110", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "inline",
});

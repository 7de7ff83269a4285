// Bundles each widget into one script and one style, where the Python package reads them from.
import { mkdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const KINDS = ['comparison', 'curves', 'dashboard', 'library', 'runs', 'suggestions'];
const outdir = process.argv[2] ?? new URL('../../maestro_jupyter/widgets/static', import.meta.url).pathname;

// What an earlier version has left must not come into a package.
rmSync(outdir, { force: true, recursive: true });
mkdirSync(outdir, { recursive: true });
await build({
  absWorkingDir: new URL('..', import.meta.url).pathname,
  entryPoints: KINDS.map(kind => `src/widgets/${kind}.ts`),
  bundle: true,
  format: 'esm',
  legalComments: 'inline',
  logLevel: 'warning',
  minify: true,
  outdir,
  target: 'es2022'
});

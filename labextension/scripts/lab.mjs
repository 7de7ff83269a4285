// Bundles the plugins into one script and one style; `jupyter-builder` makes an extension of them.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = 'build/lab';
const absWorkingDir = new URL('..', import.meta.url).pathname;

rmSync(new URL(`../${outdir}`, import.meta.url), { force: true, recursive: true });
await build({
  absWorkingDir,
  entryPoints: ['src/lab/index.ts'],
  bundle: true,
  // JupyterLab gives its own.
  external: ['@jupyterlab/*', '@lumino/*'],
  format: 'esm',
  logLevel: 'warning',
  outdir,
  target: 'es2022'
});

// Makes counter.wasm of index.js: a JavaScript engine and the script, initialised and then frozen.
import { componentize } from '@bytecodealliance/componentize-js';
import { readFile, writeFile } from 'node:fs/promises';

const { component } = await componentize(await readFile('index.js', 'utf8'), {
  witPath: 'wit',
  worldName: 'counter',
});
await writeFile('counter.wasm', component);

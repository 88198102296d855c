// Makes session.wasm of index.js: a JavaScript engine and the script, initialised and then frozen.
// The WIT packages are those that `./dev setup` unpacked.
import { componentize } from '@bytecodealliance/componentize-js';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';

const packages = `${process.env.SPINDLE_DEPS ?? '../../../.deps'}/crates/spin-sdk-5.2.0/wit/deps`;

await rm('wit/deps', { recursive: true, force: true });
for (const name of ['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets']) {
  await cp(`${packages}/${name}@0.2.3`, `wit/deps/${name}`, { recursive: true });
  for (const file of await readdir(`wit/deps/${name}`)) {
    const path = `wit/deps/${name}/${file}`;
    // The engine knows its fetch event under this version only.
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('@0.2.3', '@0.2.10'));
  }
}
const spin = ['package fermyon:spin@2.0.0;'];
for (const name of ['key-value', 'redis', 'variables']) {
  spin.push(await readFile(`${packages}/spin@2.0.0/${name}.wit`, 'utf8'));
}
await mkdir('wit/deps/spin');
await writeFile('wit/deps/spin/spin.wit', spin.join('\n'));

const { component } = await componentize(await readFile('index.js', 'utf8'), {
  witPath: 'wit',
  worldName: 'session',
});
await writeFile('session.wasm', component);

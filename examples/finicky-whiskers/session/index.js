// session: POST /session begins a round. The answer is its id, its length in seconds, and the menu:
// what the cat wishes for, and from which millisecond on. The service `tally` reads the same text.
import { Store } from 'fermyon:spin/key-value@2.0.0';
import { Connection } from 'fermyon:spin/redis@2.0.0';
import { get as variable } from 'fermyon:spin/variables@2.0.0';

const FOODS = ['fish', 'chicken', 'beef', 'veg'];
const WISH_MS = { shortest: 1000, longest: 3000 };
const KEPT_SECONDS = 3600n;
const bytes = (text) => new TextEncoder().encode(text);

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  if (request.method !== 'POST') {
    return new Response('POST begins a round\n', { status: 405, headers: { allow: 'POST' } });
  }
  const id = makeId(Date.now());
  const seconds = Number(variable('round_seconds'));
  const session = { id, born: Date.now(), seconds, menu: makeMenu(seconds * 1000) };
  keep(`finicky:session:${id}`, JSON.stringify(session));
  return Response.json(session, { status: 201 });
}

function keep(key, text) {
  const address = variable('redis');
  if (address === '') {
    Store.open('default').set(key, bytes(text));
    return;
  }
  const binary = (value) => ({ tag: 'binary', val: bytes(value) });
  const lifetime = [binary('EX'), { tag: 'int64', val: KEPT_SECONDS }];
  Connection.open(address).execute('SET', [binary(key), binary(text), ...lifetime]);
}

// 26 signs: 10 of the time and 16 by chance, so that ids sort by age and cannot be guessed.
function makeId(now) {
  const signs = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  let time = '';
  for (let rest = now; time.length < 10; rest = Math.floor(rest / 32)) time = signs[rest % 32] + time;
  const chance = crypto.getRandomValues(new Uint8Array(16));
  return time + Array.from(chance, (byte) => signs[byte % 32]).join('');
}

function makeMenu(length) {
  const menu = [];
  let last = '';
  for (let at = 0; at < length; at += between(WISH_MS.shortest, WISH_MS.longest)) {
    const others = FOODS.filter((food) => food !== last);
    last = others[between(0, others.length - 1)];
    menu.push({ food: last, at });
  }
  return menu;
}

// Math.random() would say the same in every instance: its seed was frozen with the engine.
function between(least, most) {
  const [chance] = crypto.getRandomValues(new Uint32Array(1));
  return least + (chance % (most - least + 1));
}

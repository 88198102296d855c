// GET /count/NAME answers how often POST /count/NAME was called.
import { Store } from 'fermyon:spin/key-value@2.0.0';

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const key = `count:${request.headers.get('spin-path-match-name')}`;
  const store = Store.open('default');
  const stored = store.get(key);
  let count = stored ? Number(new TextDecoder().decode(stored)) : 0;

  if (request.method === 'POST') {
    count += 1;
    store.set(key, new TextEncoder().encode(String(count)));
  } else if (request.method !== 'GET') {
    return new Response('GET or POST\n', { status: 405, headers: { allow: 'GET, POST' } });
  }
  return Response.json({ count });
}

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));

async function handle(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/json') return Response.json({ hello: 'world' });
  return new Response('Hello from JavaScript\n', { headers: { 'content-type': 'text/plain' } });
}

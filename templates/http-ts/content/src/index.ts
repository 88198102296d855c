addEventListener('fetch', ((event: FetchEvent) => {
  event.respondWith(handle(event.request));
}) as unknown as EventListener);

interface FetchEvent extends Event {
  request: Request;
  respondWith(response: Promise<Response>): void;
}

async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/json') return Response.json({ hello: 'world' });
  return new Response('Hello from TypeScript\n', { headers: { 'content-type': 'text/plain' } });
}

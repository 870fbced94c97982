/** A collector of OTLP on loopback, which keeps what it is sent. */
import { once } from 'node:events';
import { createServer } from 'node:http';

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number };
interface Named {
  readonly name: string;
  readonly attributes?: readonly { key: string; value: Value }[];
}
interface Exported extends Named {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { code?: number; message?: string };
  readonly events?: readonly Named[];
}

/** As OTLP numbers them. */
export const KIND = { internal: 1, server: 2 } as const;
export const ERROR = 2;

export interface Collected {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null: it begins a trace. */
  readonly parent: string | null;
  readonly kind: number;
  readonly status: Exported['status'];
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
}

export interface Collector extends AsyncDisposable {
  readonly url: string;
  /** Requests as they came: head and body. */
  readonly raw: string[];
  /** What each request is answered from now on. */
  status: number;
  spans(): Collected[];
  /** Attributes of what sent them. */
  resource(): Readonly<Record<string, string | number>>;
}

export async function startCollector(): Promise<Collector> {
  const raw: string[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    raw.push(`${request.method} ${request.url}\n${JSON.stringify(request.headers)}\n${body}`);
    if (collector.status === 200) bodies.push(body);
    response.writeHead(collector.status, { 'Content-Type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const sent = () =>
    bodies.flatMap(
      (body) =>
        (
          JSON.parse(body) as {
            resourceSpans: { resource: Named; scopeSpans: { spans: Exported[] }[] }[];
          }
        ).resourceSpans,
    );
  const collector: Collector = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    raw,
    status: 200,
    spans: () =>
      sent()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map(({ name, traceId, spanId, parentSpanId, kind, status, attributes, events }) => ({
          ...{ name, traceId, spanId, kind, status },
          parent: parentSpanId || null,
          attributes: valuesOf(attributes),
          events: (events ?? []).map((event) => event.name),
        })),
    resource: () => valuesOf(sent()[0]?.resource.attributes),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
  return collector;
}

function valuesOf(attributes: Named['attributes'] = []): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? doubleValue ?? Number(intValue),
    ]),
  );
}

import { z } from 'zod';

const url = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

/** `name=url,name=url` as a map; each is a consumer of the platform. */
const consumerUrls = z.string().transform((text, context) => {
  const consumers = new Map<string, URL>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [, name, address] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(entry) ?? [];
    if (name === undefined || !url.safeParse(address).success || address === undefined) {
      context.addIssue({ code: 'custom', message: `"${entry}" is not name=url` });
      return z.NEVER;
    }
    consumers.set(name, new URL(address));
  }
  return consumers;
});
export type ConsumerUrls = z.infer<typeof consumerUrls>;

/** Who asks the consumers of the platform over HTTP knows them by this. */
export const consumerUrlsEnvironment = z.object({
  /** The consumers, `name=url,name=url`: the name is the consumer group's. */
  CONSUMER_URLS: consumerUrls.prefault(
    'search-indexer=http://127.0.0.1:3001,address-notifications=http://127.0.0.1:3002,audit=http://127.0.0.1:3003,event-grid=http://127.0.0.1:3004',
  ),
});

/** An address below a consumer's URL, whether that ends in a slash or not. */
export function below(consumer: URL, path: string): URL {
  return new URL(path, consumer.pathname.endsWith('/') ? consumer : new URL(`${consumer.href}/`));
}
